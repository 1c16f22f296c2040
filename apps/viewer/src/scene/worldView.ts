/**
 * The world, large: the scene's own draw list as PixiJS sprites, one device pixel to one pixel of the rasterised art,
 * the camera on what the agent sees, and the attribution over exactly that part. Everything outside is dimmed.
 */
import 'pixi.js/unsafe-eval';
import type { CellWindow, Scene } from '@saccade/envs';
import { drawList, levelWindow, observationWindow, plainColour } from '@saccade/envs';
import {
  BufferImageSource,
  ColorMatrixFilter,
  Container,
  Graphics,
  Rectangle,
  Sprite,
  Texture,
  TilingSprite,
  WebGLRenderer,
} from 'pixi.js';
import type { OverlayPicture } from './overlayPicture.ts';
import { between } from './motion.ts';
import type { SpriteTextures } from './spriteTextures.ts';
import { createSpriteTextures, premultiplied } from './spriteTextures.ts';

/** Share of the stage's shorter side that the observation's window takes. */
const WINDOW_SHARE = 0.92;
const SMALLEST_CELL = 8;
/** Until a policy is known: what most observations are. */
const START: Sight = { centre: 'agent', cells: 12.8, pixels: 64 };
const DIM = 0.5;
/** Behind everything. */
const VOID = 0x0a0c0f;

/** What the agent sees of the world. */
export interface Sight {
  readonly centre: 'agent' | 'level';
  /** Cells along a side of the observation, where the agent stands in the middle. */
  readonly cells: number;
  /** Along a side of the observation. */
  readonly pixels: number;
}

/** Where the agent's window lies on the stage, CSS pixels. */
export interface StageWindow {
  readonly left: number;
  readonly top: number;
  readonly size: number;
}

/** The world on the stage: (left, bottom) of the stage in cells, y up, and CSS pixels a cell. */
export interface StagePlace {
  readonly left: number;
  readonly bottom: number;
  readonly cell: number;
  /** CSS pixels. */
  readonly height: number;
}

export interface WorldView {
  /** Draws in software: motion between steps is left out, since each frame costs too much. */
  readonly software: boolean;
  /** What the agent sees of the world, from the next `resize` or `show` on. */
  setSight(sight: Sight): void;
  /** CSS pixels. */
  resize(width: number, height: number, pixelRatio: number): void;
  /** What to draw from the next `draw` on; `milliseconds` to glide there from what is drawn now, 0 to jump. */
  show(scene: Scene, milliseconds: number, now: number): void;
  setOverlay(picture: OverlayPicture | null, smooth: boolean): void;
  /** Takes the world's colour away, 0 (none) to 1 (all), so that the overlay's stand out. */
  setMuted(share: number): void;
  /** Draws one picture. Returns whether motion goes on after it. */
  draw(now: number): boolean;
  /** Where the stage lies in the world, as last drawn. */
  place(): StagePlace;
  /** Keeps the camera where it is, while what it follows is dragged. */
  setCamera(fixed: boolean): void;
  window(): StageWindow;
  /** The stage as a picture, at the screen's own resolution. */
  toBlob(): Promise<Blob>;
  destroy(): void;
}

/** @throws when the browser offers no WebGL 2 */
export async function createWorldView(canvas: HTMLCanvasElement): Promise<WorldView> {
  const renderer = new WebGLRenderer();
  await renderer.init({
    canvas,
    width: 8,
    height: 8,
    antialias: false,
    backgroundAlpha: 1,
    background: VOID,
    hello: false,
  });
  // One look-up a pixel, not a choice between sixteen: sprites lie on an atlas, see there. What else is drawn is in
  // other groups: within one, Pixi would draw every sprite by itself after the first change of texture.
  renderer.limits.maxBatchableTextures = 1;
  const root = new Container();
  const sky = new TilingSprite();
  const above = new TilingSprite();
  const below = new TilingSprite();
  const world = new Container({ isRenderGroup: true });
  const scenery = new Container();
  const grey = new ColorMatrixFilter();
  const shade = new Graphics();
  const overlay = new Sprite();
  const frame = new Graphics();
  scenery.addChild(above, below, sky, world);
  root.addChild(scenery, shade, overlay, frame);
  const map = new BufferImageSource({
    resource: new Uint8Array(START.pixels * START.pixels * 4),
    width: START.pixels,
    height: START.pixels,
    alphaMode: 'premultiplied-alpha',
    scaleMode: 'nearest',
  });
  overlay.texture = new Texture({ source: map });
  overlay.visible = false;

  const pool: Sprite[] = [];
  let textures: SpriteTextures = createSpriteTextures(SMALLEST_CELL);
  let sight = START;
  /** Cells along a side of what the agent sees. */
  let cellsSeen = START.cells;
  let camera: CellWindow | null = null;
  let fixed: CellWindow | null = null;
  /** World pixels, x to the right and v up, at the stage's top left. */
  let originX = 0;
  let originY = 0;
  let width = 8;
  let height = 8;
  let ratio = 1;
  let from: Scene | null = null;
  let to: Scene | null = null;
  let startedAt = 0;
  let duration = 0;
  let drawn: Scene | null = null;

  const cell = (): number => textures.cellPixels;
  const windowSize = (): number => Math.round(cellsSeen * cell());
  const windowLeft = (): number => Math.floor((width - windowSize()) / 2);
  const windowTop = (): number => Math.floor((height - windowSize()) / 2);

  function drawBackdrop(texture: Texture, x: number, top: number, size: number): void {
    const scale = size / texture.width;
    const parts = [
      [sky, texture.frame, top, size],
      [above, new Rectangle(0, 0, texture.width, 1), 0, top],
      [below, new Rectangle(0, texture.height - 1, texture.width, 1), top + size, height - top - size],
    ] as const;
    for (const [sprite, part, y, tall] of parts) {
      sprite.visible = tall > 0;
      if (tall <= 0) continue;
      if (sprite.texture.source !== texture.source)
        sprite.texture = new Texture({ source: texture.source, frame: part });
      sprite.position.set(0, y);
      sprite.setSize(width, tall);
      sprite.tilePosition.set(x, 0);
      sprite.tileScale.set(scale, sprite === sky ? scale : tall);
    }
  }

  const seenOf = (scene: Scene): CellWindow =>
    sight.centre === 'level'
      ? levelWindow(scene, sight.pixels)
      : observationWindow(scene.agent, sight.pixels, sight.cells);

  /** Sprites as large as the stage has room for what the agent sees. */
  function fitCells(): void {
    const pixels = Math.max(SMALLEST_CELL, Math.floor((Math.min(width, height) * WINDOW_SHARE) / cellsSeen));
    if (pixels !== cell()) {
      for (const sprite of [...pool, sky, above, below]) sprite.texture = Texture.EMPTY;
      textures.destroy();
      textures = createSpriteTextures(pixels);
    }
    composeFrame();
  }

  function compose(scene: Scene): void {
    const seen = fixed ?? seenOf(scene);
    camera = seen;
    if (seen.size !== cellsSeen) {
      cellsSeen = seen.size;
      fitCells();
    }
    const scale = cell();
    originX = Math.round(seen.left * scale) - windowLeft();
    originY = Math.round((seen.bottom + seen.size) * scale) + windowTop();
    const list = drawList(scene, {
      centreX: seen.left + seen.size / 2,
      centreY: seen.bottom + seen.size / 2,
      width: width / scale + 2,
      height: height / scale + 2,
    });
    sky.visible = above.visible = below.visible = false;
    const { monochrome, backgrounds, background } = scene.theme;
    renderer.background.color = backgrounds ? VOID : plainColour(background);
    let used = 0;
    for (const item of list) {
      const texture = textures.get(item.sprite, item.variant, item.frame, monochrome);
      const left = Math.round(item.x * scale) - originX;
      const bottom = originY - Math.round(item.y * scale);
      if (item.sprite === 'background') {
        const size = Math.round(item.width * scale);
        drawBackdrop(texture, left, bottom - size, size);
        continue;
      }
      let sprite = pool[used];
      if (!sprite) {
        sprite = new Sprite();
        pool.push(sprite);
        world.addChild(sprite);
      }
      used++;
      sprite.visible = true;
      sprite.texture = texture;
      sprite.tint = item.tint ?? 0xffffff;
      sprite.scale.set(item.flip ? -1 : 1, 1);
      sprite.position.set(item.flip ? left + texture.width : left, bottom - texture.height);
    }
    for (let i = used; i < pool.length; i++) pool[i].visible = false;
    textures.flush();
    drawn = scene;
  }

  /** The dimmed surroundings, and corner marks around what the agent sees. */
  function composeFrame(): void {
    const size = windowSize();
    const left = windowLeft();
    const top = windowTop();
    const right = left + size;
    const bottom = top + size;
    shade.clear();
    for (const [x, y, w, h] of [
      [0, 0, width, top],
      [0, bottom, width, height - bottom],
      [0, top, left, size],
      [right, top, width - right, size],
    ]) {
      if (w > 0 && h > 0) shade.rect(x, y, w, h);
    }
    shade.fill({ color: 0x06080b, alpha: DIM });
    const line = Math.max(1, Math.round(ratio));
    const arm = Math.round(size * 0.045);
    frame.clear();
    frame
      .rect(left - line / 2, top - line / 2, size + line, size + line)
      .stroke({ color: 0xffffff, alpha: 0.28, width: line });
    for (const [x, y, sx, sy] of [
      [left, top, 1, 1],
      [right, top, -1, 1],
      [left, bottom, 1, -1],
      [right, bottom, -1, -1],
    ]) {
      frame
        .moveTo(x + sx * arm, y - sy * line)
        .lineTo(x - sx * line, y - sy * line)
        .lineTo(x - sx * line, y + sy * arm);
    }
    frame.stroke({ color: 0xffffff, alpha: 0.95, width: 2 * line, join: 'miter' });
    overlay.position.set(left, top);
    overlay.setSize(size, size);
  }

  return {
    software: isSoftware(renderer.gl),
    resize(cssWidth, cssHeight, pixelRatio) {
      ratio = pixelRatio;
      width = Math.max(8, Math.round(cssWidth * pixelRatio));
      height = Math.max(8, Math.round(cssHeight * pixelRatio));
      renderer.resize(width, height, 1);
      fitCells();
      drawn = null;
    },
    show(scene, milliseconds, now) {
      from = milliseconds > 0 ? drawn : null;
      to = scene;
      duration = from ? milliseconds : 0;
      startedAt = now;
    },
    setOverlay(picture, smooth) {
      overlay.visible = picture !== null;
      if (!picture) return;
      const { paint } = picture;
      if (paint.width !== map.width || paint.height !== map.height) map.resize(paint.width, paint.height);
      map.resource = premultiplied(paint.data);
      map.scaleMode = smooth ? 'linear' : 'nearest';
      map.update();
    },
    setMuted(share) {
      scenery.filters = share > 0 ? [grey] : [];
      grey.matrix = greyMatrix(share);
    },
    draw(now) {
      if (!to) return false;
      const share = duration > 0 ? Math.min(1, (now - startedAt) / duration) : 1;
      const scene = share < 1 && from ? between(from, to, share) : to;
      if (scene !== drawn) compose(scene);
      renderer.render(root);
      return share < 1;
    },
    setSight(next) {
      sight = next;
      drawn = null;
    },
    setCamera(keep) {
      fixed = keep ? camera : null;
      drawn = null;
    },
    place: () => ({
      left: originX / cell(),
      bottom: (originY - height) / cell(),
      cell: cell() / ratio,
      height: height / ratio,
    }),
    window: () => ({ left: windowLeft() / ratio, top: windowTop() / ratio, size: windowSize() / ratio }),
    toBlob() {
      // The drawing buffer lasts only until the browser composes the page: draw and read in one go.
      renderer.render(root);
      return new Promise((resolve, reject) => {
        canvas.toBlob((blob) => {
          if (blob) resolve(blob);
          else reject(new Error('The browser could not encode the picture.'));
        });
      });
    },
    destroy() {
      textures.destroy();
      root.destroy({ children: true });
      renderer.destroy();
    },
  };
}

/** Colour matrix that mixes in `share` of a grey of the same lightness, a little darker. */
function greyMatrix(share: number): ColorMatrixFilter['matrix'] {
  const weights = [0.2126, 0.7152, 0.0722];
  const row = (own: number): [number, number, number] => {
    const [r, g, b] = weights.map((weight, i) => share * 0.72 * weight + (i === own ? 1 - share : 0));
    return [r, g, b];
  };
  return [...row(0), 0, 0, ...row(1), 0, 0, ...row(2), 0, 0, 0, 0, 0, 1, 0] as unknown as ColorMatrixFilter['matrix'];
}

/** Renderers that compute on the processor. */
function isSoftware(gl: WebGL2RenderingContext): boolean {
  const details = gl.getExtension('WEBGL_debug_renderer_info');
  const name = details ? String(gl.getParameter(details.UNMASKED_RENDERER_WEBGL)) : '';
  return /swiftshader|llvmpipe|software/i.test(name);
}
