/** Runs `saccade field`. */
import { z } from 'zod';
import { createActor } from '@saccade/agent';
import { renderView } from '@saccade/envs';
import type { Scene } from '@saccade/envs';
import { fieldDifference, fieldPicture, vectorField } from '@saccade/insight';
import type { Picture, Report, VectorField } from '@saccade/insight';
import type { CommandContext } from '../shell/command.ts';
import { choiceFlag, integerFlag, numberFlag, parseFlags, seedFlag } from '../shell/flags.ts';
import { coinRunOf } from './patch.ts';
import { analysisFlags, lanes, openAnalysis } from './session.ts';

const flagsSchema = z.object({
  ...analysisFlags,
  level: seedFlag(),
  remove: choiceFlag(['coin', 'saw', 'enemy', 'crate']),
  vx: numberFlag(-0.5, 0.5),
  vy: numberFlag(-1.5, 1.5),
  reach: integerFlag(0, 64),
});

/** Pixels that the report's pictures are wide, where a cell then has a reasonable size. */
const pageWidth = 928;
const [leastScale, mostScale] = [10, 32];

/** @returns the picture of the part of the level that has places, and how many of its pixels are a cell: `scale` */
function backdrop(scene: Scene, places: Int32Array): { picture: Picture; left: number; bottom: number; scale: number } {
  const columns = Array.from(places).filter((_, i) => i % 2 === 0);
  const rows = Array.from(places).filter((_, i) => i % 2 === 1);
  const left = Math.max(0, Math.min(...columns) - 1);
  const bottom = Math.max(0, Math.min(...rows) - 1);
  const wide = Math.min(scene.width, Math.max(...columns) + 2) - left;
  const tall = Math.min(scene.height, Math.max(...rows) + 3) - bottom;
  const scale = Math.max(leastScale, Math.min(mostScale, Math.floor(pageWidth / wide)));
  const [width, height] = [wide * scale, tall * scale];
  const rgba = renderView(scene, {
    width,
    height,
    centreX: left + wide / 2,
    centreY: bottom + tall / 2,
    cellsAcross: wide,
  });
  return { picture: { width, height, rgba: Uint8ClampedArray.from(rgba) }, left, bottom, scale };
}

export async function runField(flags: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void> {
  const given = parseFlags(flagsSchema, flags);
  const analysis = await openAnalysis('saccade field', given, context);
  const { stored, compile } = analysis;
  const { network, parameters } = stored.policy;
  try {
    const environment = coinRunOf(analysis);
    environment.begin(given.level);
    const actor = await createActor(network, parameters, lanes, compile);
    const look = (label: string): Promise<VectorField> =>
      analysis.withProgress(label, (progress) =>
        vectorField(environment, actor, { ...given, onProgress: (done, total) => progress(done / total) }),
      );
    const original = await look('as it is');
    const { picture, left, bottom, scale } = backdrop(environment.scene, original.places);
    const gone = environment.scene.objects.filter(({ kind }) => kind === given.remove).map(({ id }) => id);
    // Crates carry: without them there are other places. Hidden ones still carry, and are not seen.
    for (const id of gone) environment.edit({ kind: 'show', id, visible: false });
    const edited = await look(`without its ${given.remove}`);
    actor.dispose();
    const difference = fieldDifference(original, edited);
    const places = original.places.length / 2;
    const shift = Array.from({ length: places }, (_, i) =>
      Math.hypot(difference.arrows[2 * i], difference.arrows[2 * i + 1]),
    );
    const mean = (values: ArrayLike<number>): number =>
      Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
    const right = (of: VectorField): number => mean(Array.from({ length: places }, (_, i) => of.arrows[2 * i]));
    const draw = (of: VectorField): Picture => fieldPicture(picture, of, { scale, left, bottom });
    const report: Report = {
      title: `Where ${stored.name} would go, level ${given.level}`,
      summary: `From ${places} places the policy leans right by ${right(original).toFixed(2)} on average (1: always), by ${right(edited).toFixed(2)} with every ${given.remove} hidden; the mean arrow moves by ${mean(shift).toFixed(3)} and the value by ${mean(difference.values).toFixed(3)}.`,
      origin: {
        ...analysis.origin,
        level: given.level,
        vx: given.vx,
        vy: given.vy,
        hidden: `${gone.length} x ${given.remove}`,
      },
      sections: [
        {
          title: 'As it is',
          blocks: [
            {
              kind: 'pictures',
              caption: 'Mean input of the chosen actions, full length 1',
              scale: 1,
              pictures: [{ picture: draw(original), text: 'original' }],
            },
          ],
        },
        {
          title: `Every ${given.remove} hidden`,
          blocks: [
            {
              kind: 'pictures',
              caption: 'The same places',
              scale: 1,
              pictures: [{ picture: draw(edited), text: 'edited' }],
            },
          ],
        },
        {
          title: 'The difference',
          blocks: [
            {
              kind: 'pictures',
              caption: 'Edited less original',
              scale: 1,
              pictures: [{ picture: draw(difference), text: 'difference' }],
            },
          ],
        },
      ],
    };
    await analysis.finish('field', report, {
      actions: stored.policy.actions,
      places: original.places,
      original,
      edited,
    });
  } finally {
    await analysis.dispose();
  }
}
