/** The smallest cut of a network between two ends, which by Ford and Fulkerson is its largest flow. */

export interface FlowNetwork {
  /** An edge and its reverse, with a capacity each way, at least 0. */
  connect(from: number, to: number, capacity: number, back: number): void;
  /** Which nodes stay with the source when the cheapest set of edges is cut, [nodes]; and what the cut costs. */
  cut(source: number, sink: number): { readonly withSource: Uint8Array; readonly flow: number };
}

/** Dinic's algorithm (1970): breadth-first levels, then blocking flows along them. */
export function createFlowNetwork(nodes: number): FlowNetwork {
  const first = new Int32Array(nodes).fill(-1);
  const target: number[] = [];
  const next: number[] = [];
  const room: number[] = [];
  const level = new Int32Array(nodes);
  const add = (from: number, to: number, capacity: number): void => {
    target.push(to);
    room.push(capacity);
    next.push(first[from]);
    first[from] = target.length - 1;
  };

  /** Distances from the source through edges with room; false when the sink is cut off. */
  function measure(source: number, sink: number): boolean {
    level.fill(-1);
    level[source] = 0;
    const queue = [source];
    for (let head = 0; head < queue.length; head++) {
      for (let edge = first[queue[head]]; edge !== -1; edge = next[edge]) {
        if (room[edge] <= 0 || level[target[edge]] !== -1) continue;
        level[target[edge]] = level[queue[head]] + 1;
        queue.push(target[edge]);
      }
    }
    return level[sink] !== -1;
  }

  /** Pushes along one path of descending distance at a time, until none is left. */
  function block(source: number, sink: number): number {
    const at = Int32Array.from(first);
    const path: number[] = [];
    let pushed = 0;
    for (let node = source; ;) {
      if (node === sink) {
        let smallest = Infinity;
        for (const edge of path) smallest = Math.min(smallest, room[edge]);
        pushed += smallest;
        let shallowest = 0;
        for (let i = path.length - 1; i >= 0; i--) {
          room[path[i]] -= smallest;
          room[path[i] ^ 1] += smallest;
          if (room[path[i]] <= 0) shallowest = i;
        }
        node = target[path[shallowest] ^ 1];
        path.length = shallowest;
        continue;
      }
      while (at[node] !== -1 && (room[at[node]] <= 0 || level[target[at[node]]] !== level[node] + 1)) {
        at[node] = next[at[node]];
      }
      if (at[node] !== -1) {
        path.push(at[node]);
        node = target[at[node]];
      } else if (path.length > 0) {
        level[node] = -1;
        const edge = path.pop() as number;
        node = target[edge ^ 1];
      } else {
        return pushed;
      }
    }
  }

  return {
    connect(from, to, capacity, back) {
      add(from, to, capacity);
      add(to, from, back);
    },
    cut(source, sink) {
      let flow = 0;
      while (measure(source, sink)) flow += block(source, sink);
      return { withSource: Uint8Array.from(level, (distance) => (distance === -1 ? 0 : 1)), flow };
    },
  };
}
