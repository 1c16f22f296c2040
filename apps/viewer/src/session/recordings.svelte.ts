/**
 * Recordings as the page knows them: the server's list, the one that is being made, and files that a person drops onto
 * the page. What a recording shows is a session like any other; this only makes, brings and names them.
 */
import type { ClientMessageInput, PolicyUpload, RecordingInfo, RecordingUpload, StateMessage } from '@saccade/protocol';
import { recordingInfoSchema } from '@saccade/protocol';

/** What recordings need of the rest of the page. */
export interface RecordingsPort {
  /** Is there a server, which keeps recordings and takes files? */
  server(): boolean;
  send(message: ClientMessageInput): void;
  session(): StateMessage | null;
  /** Shows a recording in the place of whatever is shown. */
  open(id: string): void;
  setPolicy(name: string): void;
  tell(text: string): void;
  error(text: string): void;
}

/** The files of a recording. */
export const recordingFiles = ['manifest.json', 'steps.parquet', 'events.jsonl'] as const;

export const NO_SERVER = 'Files are opened by a server, and this page has none: run “saccade view”.';

/** Larger files are not even read. */
const LARGEST_POLICY = 32 * 2 ** 20;
const LARGEST_RECORDING = 8 * 2 ** 20;
const POLICY = /\.(onnx|safetensors)$/i;

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/** Beside the page, wherever that is mounted. @throws Error with the server's own line */
async function ask(path: string, body?: unknown): Promise<unknown> {
  const sent =
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(new URL(path, new URL('.', location.href)), sent);
  const answer = (await response.json().catch(() => null)) as { error?: unknown } | null;
  if (response.ok && answer !== null) return answer;
  if (typeof answer?.error === 'string') throw new Error(answer.error);
  throw new Error(`The server answered ${response.status}.`);
}

/** Where one file of a recording can be taken from. */
export function recordingAddress(id: string, file: (typeof recordingFiles)[number]): string {
  return `api/recordings/${encodeURIComponent(id)}/${file}`;
}

export class Recordings {
  /** The newest first. */
  list = $state.raw<readonly RecordingInfo[]>([]);
  /** Something is on its way to the server. */
  busy = $state(false);
  private readonly port: RecordingsPort;

  constructor(port: RecordingsPort) {
    this.port = port;
  }

  /** Can recordings be kept, and files be brought? */
  get kept(): boolean {
    return this.port.server();
  }

  /** Asks for the list anew. A page without a server has none. */
  async refresh(): Promise<void> {
    if (!this.kept) return;
    try {
      const { recordings } = (await ask('api/recordings')) as { recordings: unknown[] };
      this.list = recordings.map((info) => recordingInfoSchema.parse(info));
    } catch {
      this.list = [];
    }
  }

  /** Begins to record the present episode, or ends it. */
  toggle(from: 'now' | 'episode' = 'now'): void {
    if (this.port.session()?.recorder) this.port.send({ type: 'stopRecording' });
    else this.port.send({ type: 'record', from });
  }

  /** The session has finished one. */
  made(info: RecordingInfo): void {
    this.list = [info, ...this.list.filter(({ id }) => id !== info.id)];
    this.port.tell(
      `Recorded ${info.steps} ${info.steps === 1 ? 'step' : 'steps'} as ${info.id}. It is listed under “Open”.`,
    );
  }

  /** What was dropped onto the page, or chosen: a recording's three files or their folder, or a policy. */
  async bring(files: readonly File[]): Promise<void> {
    if (files.length === 0 || this.busy) return;
    if (!this.kept) {
      this.port.error(NO_SERVER);
      return;
    }
    this.busy = true;
    try {
      const policy = files.find(({ name }) => POLICY.test(name));
      if (policy) await this.bringPolicy(policy, files);
      else await this.bringRecording(files);
    } catch (error) {
      this.port.error(error instanceof Error ? error.message : String(error));
    } finally {
      this.busy = false;
    }
  }

  private async bringRecording(files: readonly File[]): Promise<void> {
    const named = (wanted: string): File | undefined => files.find(({ name }) => name === wanted);
    const missing = recordingFiles.filter((name) => !named(name));
    if (missing.length > 0) {
      const got = files.map(({ name }) => name);
      const shown = got.length > 3 ? `${got.slice(0, 3).join(', ')} and ${got.length - 3} more` : got.join(', ');
      throw new Error(
        missing.length === recordingFiles.length
          ? `Expected a recording (${recordingFiles.join(', ')}) or a policy (.onnx, .safetensors), got ${shown}.`
          : `Expected all files of the recording, but ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing: drop the three together, or their folder.`,
      );
    }
    const [manifest, steps, events] = recordingFiles.map((name) => named(name) as File);
    const size = manifest.size + steps.size + events.size;
    if (size > LARGEST_RECORDING) {
      throw new Error(`Expected a recording of at most ${LARGEST_RECORDING / 2 ** 20} MB, got ${megabytes(size)} MB.`);
    }
    const upload: RecordingUpload = {
      manifest: await manifest.text(),
      steps: await base64Of(steps),
      events: await events.text(),
    };
    const info = recordingInfoSchema.parse(await ask('api/recordings', upload));
    this.list = [info, ...this.list];
    this.port.open(info.id);
  }

  private async bringPolicy(file: File, files: readonly File[]): Promise<void> {
    if (file.size > LARGEST_POLICY) {
      throw new Error(`Expected a policy of at most ${LARGEST_POLICY / 2 ** 20} MB, got ${megabytes(file.size)} MB.`);
    }
    const declaration = files.find(({ name }) => name.endsWith('.json'));
    const upload: PolicyUpload = {
      name: file.name,
      file: await base64Of(file),
      ...(declaration ? { declaration: await declaration.text() } : {}),
    };
    const { policy } = (await ask('api/policies', upload)) as { policy: string };
    this.port.setPolicy(policy);
    this.port.tell(`${policy} plays now. The server offers it for as long as it runs.`);
  }
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
