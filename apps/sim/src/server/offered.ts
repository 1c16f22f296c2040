/** The policies that a server offers: those it began with, and those that pages brought, for as long as it runs. */
import { InputError } from '@saccade/core';
import { parseOnnxDeclaration } from '@saccade/nn';
import type { HelloMessage, PolicyUpload } from '@saccade/protocol';
import { hello, offer } from '@saccade/session';
import type { OfferedPolicy } from '@saccade/session';
import { version } from '../installation.ts';
import { playablePolicy } from '../storage/playablePolicy.ts';
import type { StoredPolicy } from '../storage/policies.ts';
import type { Engine } from '../workers/engine.ts';
import type { ServerLimits } from './limits.ts';

export class Offered {
  private readonly list: OfferedPolicy[];
  private brought = 0;
  private queue: Promise<unknown> = Promise.resolve();
  /** Called when there is one more. */
  changed: (greeting: HelloMessage) => void = () => undefined;

  /** @throws InputError when a policy cannot be shown */
  constructor(
    initial: readonly StoredPolicy[],
    private readonly engine: Engine,
    private readonly limits: ServerLimits,
  ) {
    this.list = initial.map((stored) => offer(stored));
  }

  get policies(): readonly OfferedPolicy[] {
    return this.list;
  }

  hello(): HelloMessage {
    return hello(this.list, this.engine.description, this.limits, version);
  }

  /**
   * Takes in what a page brought: one after another, since each is compiled.
   * @returns its name here
   * @throws InputError when it is no policy, does not play here, or there are enough
   */
  bring(upload: PolicyUpload): Promise<string> {
    const brought = this.queue.then(() => this.take(upload));
    this.queue = brought.catch(() => undefined);
    return brought;
  }

  private async take({ name: file, file: encoded, declaration }: PolicyUpload): Promise<string> {
    const { broughtPolicies } = this.limits;
    const declared = declaration === undefined ? undefined : parseOnnxDeclaration(jsonOf(declaration), 'declaration');
    const playable = playablePolicy(new Uint8Array(Buffer.from(encoded, 'base64')), file, declared);
    const known = this.list.find(({ hash }) => hash === playable.hash);
    if (known) return known.name;
    if (this.brought >= broughtPolicies) {
      throw new InputError(`policy: expected at most ${broughtPolicies} brought while the server runs, got one more`);
    }
    const name = this.freeName(file.replace(/\.(safetensors|onnx)$/i, ''));
    const { network, actions } = playable.policy;
    const description = `brought from ${file}: ${network.architecture}, ${actions.length} actions`;
    const stored: StoredPolicy = { name, path: file, description, ...playable };
    const offered = offer(stored);
    await this.engine.load(stored);
    this.list.push(offered);
    this.brought++;
    this.changed(this.hello());
    return name;
  }

  private freeName(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.list.some((policy) => policy.name === name); n++) name = `${wanted}-${n}`;
    return name;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError('declaration: expected JSON, got something else');
  }
}
