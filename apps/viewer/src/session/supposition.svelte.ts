/**
 * "What if": the shown instant with its level edited or factors turned down, beside what it was. Asks the server as
 * soon as something changes, one question at a time, the latest one last.
 */
import type {
  ClientMessageInput,
  ErrorMessage,
  FactorReadingsMessage,
  FactorTurn,
  FrameMessage,
  Layout,
  MeasuredMessage,
  OverlayRequest,
  StateMessage,
  SupposedMessage,
  WireEdit,
} from '@saccade/protocol';
import { decodeScene } from '@saccade/protocol';
import { LevelEditor } from './levelEditor.svelte.ts';

export interface SuppositionPort {
  /** @returns the message's id */
  send(message: ClientMessageInput): number;
  shown(): { readonly frame: FrameMessage; readonly layout: Layout } | null;
  session(): StateMessage | null;
  /** The map on the world. */
  overlay(): OverlayRequest | undefined;
  /** Is the agent moving? Then only numbers are asked for. */
  playing(): boolean;
  /** Holds this page where it looks, and the session too where nobody else watches. */
  hold(): void;
  goLive(): void;
  complain(message: string): void;
}

export type FieldView = 'original' | 'edited' | 'difference';

export class Supposition {
  readonly editor: LevelEditor;
  /** Factors turned down, as the sliders stand. */
  turns = $state.raw<readonly FactorTurn[]>([]);
  answer = $state.raw<SupposedMessage | null>(null);
  /** A question is on its way. */
  asking = $state(false);
  /** Is the field drawn, and which? */
  field = $state(false);
  fieldView = $state<FieldView>('original');
  /** What the factors do at a place that was pointed at, and where on the observation. */
  reading = $state.raw<FactorReadingsMessage | null>(null);
  place = $state.raw<{ readonly x: number; readonly y: number } | null>(null);
  measured = $state.raw<MeasuredMessage | null>(null);

  private readonly port: SuppositionPort;
  private again = false;
  private asked = -1;
  private readAsked = -1;
  private measureAsked = -1;
  private turnAsked = -1;
  /** Edits that the server has agreed to. */
  private agreed = 0;
  /** Global step that is edited. */
  private base = -1;

  constructor(port: SuppositionPort) {
    this.port = port;
    this.editor = new LevelEditor({
      scene: () => {
        const shown = port.shown();
        return shown ? decodeScene(shown.layout, shown.frame.scene) : null;
      },
      changed: () => this.ask(),
      complain: (message) => port.complain(message),
    });
  }

  readonly turned = $derived(this.turns.some(({ strength }) => strength > 0));
  /** Is anything other than it was? */
  readonly active = $derived.by(() => this.editor.edits.length > 0 || this.turned);
  /** The answer, while it is of the instant that is shown. */
  readonly current = $derived.by(() =>
    this.answer !== null && this.answer.step === this.port.shown()?.frame.step ? this.answer : null,
  );

  /** Another instant, or another map, is shown. */
  follow(step: number): void {
    if (this.editor.open && step !== this.base && this.base >= 0) this.close();
    if (this.editor.open && this.base < 0) this.base = step;
    if (this.place !== null) this.unread();
    this.ask();
  }

  toggleEditing(): void {
    if (this.editor.open) {
      this.close();
      return;
    }
    const shown = this.port.shown();
    if (!shown) return;
    if (shown.frame.action === null) {
      this.port.complain('This episode is over here: step back to edit.');
      return;
    }
    this.port.hold();
    this.base = shown.frame.step;
    this.unread();
    this.editor.open = true;
  }

  /** What a link says was changed of the shown instant. */
  restore(edits: readonly WireEdit[], turns: readonly FactorTurn[]): void {
    if (edits.length > 0) {
      if (!this.editor.open) this.toggleEditing();
      if (this.editor.open) this.editor.restore(edits);
    }
    if (turns.length === 0) return;
    this.turns = turns;
    this.settleTurns();
    this.ask();
  }

  /** Leaves the edited level for the one that was. */
  close(): void {
    this.editor.open = false;
    this.editor.forget();
    this.base = -1;
  }

  /** The session's agent goes on in the edited level. @param seed of another stream of action noise */
  playOn(seed?: number): void {
    const shown = this.port.shown();
    if (!shown) return;
    const { step } = shown.frame;
    const edits = [...this.editor.edits];
    this.port.send(edits.length > 0 ? { type: 'edit', step, edits, seed } : { type: 'branch', step, seed });
    this.close();
    this.port.goLive();
    this.port.send({ type: 'play' });
  }

  toggleField(): void {
    this.field = !this.field;
    if (!this.field) return;
    this.port.hold();
    this.fieldView = this.active ? 'difference' : 'original';
    this.ask();
  }

  // Factors -------------------------------------------------------------------------------------------------------

  /** @param done the slider was let go: the agent plays on so */
  turn(layer: string, factor: number, strength: number, done: boolean): void {
    const others = this.turns.filter((turn) => turn.layer !== layer || turn.factor !== factor);
    this.turns = strength > 0 ? [...others, { layer, factor, strength }] : others;
    this.ask();
    if (done) this.settleTurns();
  }

  resetTurns(): void {
    this.turns = [];
    this.settleTurns();
    this.ask();
  }

  private settleTurns(): void {
    this.turnAsked = this.port.send({ type: 'turnFactors', turns: [...this.turns] });
  }

  /** What all viewers of the session see. */
  enter(state: StateMessage): void {
    const ours = JSON.stringify(this.turns);
    if (JSON.stringify(state.turns) === ours) return;
    this.turns = state.turns;
    this.ask();
  }

  measure(levels: number): void {
    this.measured = null;
    this.measureAsked = this.port.send({
      type: 'measure',
      turns: this.turns.filter(({ strength }) => strength > 0),
      levels,
    });
  }

  stopMeasuring(): void {
    this.port.send({ type: 'stopMeasuring' });
    if (this.measured) this.measured = { ...this.measured, running: false };
  }

  // A place ------------------------------------------------------------------------------------------------------

  /** @param x share of the observation's width @param y of its height, from the top */
  read(x: number, y: number, layer: string, target: string): void {
    this.port.hold();
    const shown = this.port.shown();
    if (!shown) return;
    this.place = { x, y };
    this.reading = null;
    const { step } = shown.frame;
    this.readAsked = this.port.send({ type: 'readFactors', layer, target, step, edits: [...this.editor.edits], x, y });
  }

  unread(): void {
    this.place = null;
    this.reading = null;
  }

  // The server ---------------------------------------------------------------------------------------------------

  ask(): void {
    const shown = this.port.shown();
    if (!shown || !(this.active || this.field)) {
      this.answer = null;
      this.again = false;
      return;
    }
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    this.agreed = this.editor.edits.length;
    const still = !this.port.playing();
    this.asked = this.port.send({
      type: 'suppose',
      step: shown.frame.step,
      edits: [...this.editor.edits],
      turns: this.turns.filter(({ strength }) => strength > 0),
      overlay: still ? this.port.overlay() : undefined,
      field: still && this.field,
    });
  }

  receive(message: SupposedMessage | FactorReadingsMessage | MeasuredMessage): void {
    switch (message.type) {
      case 'supposed':
        if (message.reply !== this.asked) return;
        this.asking = false;
        this.answer = message;
        this.askAgain();
        return;
      case 'factorReadings':
        if (message.reply === this.readAsked && this.place) this.reading = message;
        return;
      case 'measured':
        if (message.reply === this.measureAsked) this.measured = message;
        return;
      default:
        message satisfies never;
    }
  }

  /** @returns whether the error answers a question of this kind */
  refuse({ reply, message, code }: ErrorMessage): boolean {
    if (reply === undefined) return false;
    if (reply === this.asked) {
      this.asking = false;
      if (code === 'not-held') return true;
      if (this.editor.edits.length > 0 && this.agreed > 0) {
        this.port.complain(`That cannot be: ${plain(message)}`);
        this.editor.takeBack();
      } else this.port.complain(message);
      if (this.field && /vectorField|field/.test(message)) this.field = false;
      this.askAgain();
      return true;
    }
    if (reply === this.turnAsked) {
      this.turns = this.port.session()?.turns ?? [];
      this.port.complain(`Factors cannot be turned down so: ${plain(message)}`);
      this.ask();
      return true;
    }
    if (reply === this.readAsked || reply === this.measureAsked) {
      this.place = null;
      this.port.complain(message);
      return true;
    }
    return false;
  }

  /** The connection was lost: no answer will come. */
  lost(): void {
    this.asking = false;
    this.again = false;
  }

  private askAgain(): void {
    if (!this.again) return;
    this.again = false;
    this.ask();
  }
}

/** What the world says of a state that cannot be, without the name of the function that said it. */
function plain(message: string): string {
  return message.replace(/^(applyEdit|CoinRun state|setState|[a-zA-Z]+): /, '');
}
