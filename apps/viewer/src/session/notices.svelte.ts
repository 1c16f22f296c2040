/** What the page has to tell a person: one line each, gone after a while. */

export interface Notice {
  readonly id: number;
  readonly kind: 'error' | 'note';
  readonly text: string;
}

const STAY_MS = 8000;
const MOST = 4;

export class Notices {
  list = $state.raw<readonly Notice[]>([]);
  private count = 0;

  private add(kind: Notice['kind'], text: string): void {
    if (this.list.some((notice) => notice.text === text)) return;
    const id = ++this.count;
    this.list = [...this.list.slice(1 - MOST), { id, kind, text }];
    setTimeout(() => this.dismiss(id), STAY_MS);
  }

  /** Something that was asked for cannot be had. */
  error(text: string): void {
    this.add('error', text);
  }

  /** Something happened that one may want to know. */
  tell(text: string): void {
    this.add('note', text);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}
