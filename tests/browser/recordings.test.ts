/** Recordings, policies and levels that a person brings to the page, and those that are made in it. */
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { encodePolicy, exportOnnx } from '@saccade/nn';
import { readRecording, writeRecording } from '../../apps/sim/src/storage/recordings.ts';
import { replay } from '../../apps/sim/src/storage/replay.ts';
import { policyFolder, randomPolicy } from '../sim/randomPolicy.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { saccade } from '../support/saccade.ts';
import {
  coloursIn,
  largestDifference,
  observationPixels,
  screenPixels,
  serve,
  untilDrawn,
  watchDrawn,
} from './page.ts';
import type { Served } from './page.ts';

let folder = '';
/** Where the server finds and keeps recordings. */
let recordings = '';
let served: Served;
let browser: Browser;
let page: Page;

const names = ['manifest.json', 'steps.parquet', 'events.jsonl'];
const notice = (text: RegExp) => page.getByTestId('notice').filter({ hasText: text });
const bar = () => page.getByTestId('recording-bar');
const filesOf = (path: string): string[] => names.map((name) => join(path, name));

async function open(query = ''): Promise<void> {
  await page.goto(`${served.address}${query}`);
}

/** As a person does who drags files from another window and lets go of them over the page. */
async function drop(paths: readonly string[]): Promise<void> {
  const files = await Promise.all(
    paths.map(async (path) => ({
      name: path.split('/').at(-1) ?? '',
      data: (await readFile(path)).toString('base64'),
    })),
  );
  const transfer = await page.evaluateHandle((list) => {
    const made = new DataTransfer();
    for (const { name, data } of list) {
      made.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name));
    }
    return made;
  }, files);
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer });
  await page.getByTestId('drop-zone').getByText('Drop it to open it').waitFor();
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

describeInBrowser('what is brought to the page, and recorded in it', () => {
  beforeAll(async () => {
    folder = await policyFolder('random');
    recordings = await mkdtemp(join(tmpdir(), 'saccade-recordings-'));
    const flags = ['--policy', join(folder, 'random'), '--level', '3', '--steps', '40', '--out', join(folder, 'taken')];
    const { code, stderr } = await saccade('record', ...flags);
    expect(code, stderr).toBe(0);
    const policy = join(folder, 'random', 'policy.safetensors');
    const first = ['--recordings', recordings, '--recording', join(folder, 'taken')];
    [served, browser] = await Promise.all([serve(policy, undefined, first), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    for (const path of [folder, recordings]) if (path) await rm(path, { recursive: true, force: true });
  });
  beforeEach(async () => {
    page = await browser.newPage({
      viewport: { width: 1440, height: 900 },
      colorScheme: 'dark',
      acceptDownloads: true,
    });
  });
  afterEach(() => page.close());

  it('shows the recording that the command named, from its first step to its last, and its address opens it again', async () => {
    await open();
    await bar().getByText('taken', { exact: true }).waitFor();
    await untilDrawn(page, 0);
    expect(await bar().textContent()).toContain('level 3, 40 steps, random');
    const { steps } = await readRecording(join(folder, 'taken'));
    await page.getByTestId('step').fill('25');
    await page.getByTestId('step').press('Enter');
    await untilDrawn(page, 25);
    const value = await page.locator('dt:text("Value") + dd').first().textContent();
    expect(Number((value ?? '').replace('\u2212', '-'))).toBeCloseTo(steps[25].value, 2);
    await expect.poll(() => page.url()).toContain('recording=taken');
    await expect.poll(() => page.url()).toContain('step=25');
    const other = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    // Also for whom the session is long gone.
    await other.goto(page.url().replace(/session=[^&]+/, 'session=gone'));
    await untilDrawn(other, 25);
    const differs = async (): Promise<number> =>
      largestDifference((await observationPixels(other)).data, (await observationPixels(page)).data);
    await expect.poll(differs).toBe(0);
    await other.close();

    // It plays to its end and stays there; then it begins again.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Space');
    await untilDrawn(page, 40);
    await page.getByTestId('replay').getByText('Paused').waitFor();
    const drawn = await watchDrawn(page);
    await page.keyboard.press('Space');
    await expect.poll(async () => Math.min(...(await drawn()))).toBeLessThan(20);
  });

  it('opens a recording whose files are dropped, and one that is chosen', async () => {
    await open('?level=9');
    await untilDrawn(page, (step) => step >= 0);
    await drop(filesOf(join(folder, 'taken')));
    await bar()
      .getByText(/^brought-/)
      .waitFor();
    await untilDrawn(page, 0);
    expect(await page.getByTestId('level').textContent()).toBe('3');
    await bar().getByRole('button', { name: 'Close' }).click();
    await bar().waitFor({ state: 'detached' });
    await untilDrawn(page, (step) => step >= 0);
    await page.getByTestId('files').setInputFiles(filesOf(join(folder, 'taken')));
    await bar()
      .getByText(/^brought-/)
      .waitFor();
  });

  it('says in one sentence what is no recording, or a broken one', async () => {
    await open('?level=9');
    await untilDrawn(page, (step) => step >= 0);
    const picture = join(folder, 'holiday.png');
    await writeFile(picture, 'no recording');
    await drop([picture]);
    await notice(/Expected a recording .* or a policy .*, got holiday\.png\./).waitFor();
    await drop(filesOf(join(folder, 'taken')).slice(0, 2));
    await notice(/events\.jsonl is missing: drop the three together/).waitFor();
    const foreign = join(folder, 'manifest.json');
    await writeFile(foreign, '{"name":"something else"}');
    await drop([foreign, ...filesOf(join(folder, 'taken')).slice(1)]);
    await notice(/manifest\.json: expected the manifest of a Saccade recording/).waitFor();
    expect(await bar().count()).toBe(0);
  });

  it('shows a recording that does not replay up to the step that it names', async () => {
    const recording = await readRecording(join(folder, 'taken'));
    const steps = recording.steps.map((step, i) => (i === 12 ? { ...step, stateHash: '0'.repeat(16) } : step));
    await writeRecording(join(recordings, 'other-world'), { ...recording, steps });
    await open('?recording=other-world');
    const alert = bar().getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('It does not replay as recorded from step 12 on');
    expect(await alert.textContent()).toContain('expected the state hash 0000000000000000 as recorded');
    await page.keyboard.press('End');
    await untilDrawn(page, 12);
  });

  it('says what is wrong with a link to a recording, and opens what it would open without', async () => {
    await open('?recording=nothing-here&step=4');
    await notice(/recording: expected one that is listed, got nothing-here/).waitFor();
    await bar().getByText('taken', { exact: true }).waitFor();
    await untilDrawn(page, 0);
  });

  it('records a person who plays, as an episode that replays, is listed, opens and can be saved', async () => {
    await open('?level=3&at=20');
    await untilDrawn(page, 20);
    await page.keyboard.press('t');
    await page.getByRole('button', { name: 'Hand back' }).waitFor();
    await page.keyboard.press('c');
    const button = page.getByTestId('record');
    await button.getByText('Stop').waitFor();
    await page.keyboard.down('ArrowLeft');
    await page.keyboard.press('Space');
    await untilDrawn(page, (step) => step > 30);
    await page.keyboard.press('c');
    await page.keyboard.up('ArrowLeft');
    await notice(/Recorded \d+ steps as level-3-/).waitFor();
    await page.keyboard.press('Space');

    await page.getByRole('button', { name: 'Open', exact: true }).click();
    const entry = page.getByTestId('recording').filter({ hasText: 'level-3-' });
    await entry.waitFor();
    const [id] = (await readdir(recordings)).filter((name) => name.startsWith('level-3-'));
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('li', { has: entry }).getByRole('link', { name: 'parquet' }).click(),
    ]);
    expect(await readFile(await download.path())).toEqual(await readFile(join(recordings, id, 'steps.parquet')));
    const recording = await readRecording(join(recordings, id));
    const humans = recording.steps.filter(({ actor }) => actor === 'human');
    expect(humans.length).toBeGreaterThan(5);
    expect([...replay(recording)]).toHaveLength(recording.steps.length + 1);

    await entry.click();
    await bar().getByText(id).waitFor();
    await page.keyboard.press('End');
    await untilDrawn(page, recording.steps.length);
    await page.keyboard.press('ArrowLeft');
    await page.getByText('a person chose').waitFor();
  });

  it('lets an agent play on from a step of a recording', async () => {
    await open('?recording=taken&step=15');
    await untilDrawn(page, 15);
    // Slowly, so that it is looked at before its episode ends.
    await page.getByLabel('Speed').selectOption('4');
    await bar().getByRole('button', { name: 'Play on from here' }).click();
    await bar().waitFor({ state: 'detached' });
    await untilDrawn(page, (step) => step > 42);
    await page.keyboard.press('Space');
    await page.getByText('Paused', { exact: true }).waitFor();
    // The first step of its own, 41, is the recording's 15 again.
    const gap = async (): Promise<number> =>
      Number(await page.getByTestId('step').inputValue()) -
      Number(await page.getByTestId('episode-step').textContent());
    await expect.poll(gap).toBe(41 - 15);
  });

  it('plays a policy that is dropped: an ONNX graph, or one of ours; and says what is none', async () => {
    await open('?level=3');
    await untilDrawn(page, (step) => step >= 0);
    const onnx = join(folder, 'graph.onnx');
    await writeFile(onnx, exportOnnx({ ...randomPolicy(5), training: {} }));
    await drop([onnx]);
    await notice(/graph plays now/).waitFor();
    const policy = page.getByRole('combobox', { name: 'Policy' });
    await expect.poll(() => policy.inputValue()).toBe('graph');
    const before = (await observationPixels(page)).step;
    await expect.poll(async () => (await observationPixels(page)).step).toBeGreaterThan(before + 2);
    expect(coloursIn(await observationPixels(page))).toBeGreaterThan(10);
    const own = join(folder, 'own.safetensors');
    await writeFile(own, encodePolicy(randomPolicy(6)));
    await drop([own]);
    await notice(/own plays now/).waitFor();
    await expect.poll(() => policy.inputValue()).toBe('own');
    const broken = join(folder, 'broken.onnx');
    await writeFile(broken, 'not a model at all');
    await drop([broken]);
    await notice(/broken\.onnx: expected /).waitFor();
    expect(await policy.inputValue()).toBe('own');
  });

  it('plays a level that is pasted as text, and names what is wrong with it by line and column', async () => {
    await open('?level=3');
    await untilDrawn(page, (step) => step >= 0);
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByRole('button', { name: /A level drawn as text/ }).click();
    const dialog = page.getByRole('dialog', { name: 'A level drawn as text' });
    const text = dialog.getByTestId('level-text');
    await text.fill('.......\n..?....\n.@...o.\n#######');
    await dialog.getByText(/line 2, column 3/).waitFor();
    expect(await dialog.getByRole('button', { name: 'Play this level' }).isDisabled()).toBe(true);
    const before = (await observationPixels(page)).step;
    await text.fill(['.......', '.......', '.......', '.......', '.......', '.@...o.', '#######'].join('\n'));
    await dialog.getByRole('button', { name: 'Play this level' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => page.getByTestId('level').textContent()).toBe('drawn');
    await untilDrawn(page, (step) => step > before);
    // Seven cells wide: to the left and to the right of it there is ground.
    expect(coloursIn(await screenPixels(page.getByTestId('world')))).toBeGreaterThan(10);
  });
});
