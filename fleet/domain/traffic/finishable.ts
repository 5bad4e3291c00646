/** What one robot has of the ways, and what it will still need. */
export interface Claim {
  readonly id: string;
  /** Nodes, corridors and cabins that it stands on or has been released to: it gives them back only by driving on. */
  readonly holds: readonly string[];
  /** What it needs from there on, in driving order, over every stop of its mission to the place where it parks. */
  readonly ahead: readonly string[];
  /** Held for good once it has parked. Absent: nobody knows where it will end. */
  readonly parksOn?: string;
  /** False for a robot that will not move by itself: lost, in manual mode, out of order. */
  readonly canMove: boolean;
}

interface Numbered {
  readonly id: string;
  readonly canMove: boolean;
  readonly holds: Int32Array;
  readonly ahead: Int32Array;
  readonly held: ReadonlySet<number>;
  /** -1: none. */
  readonly parksOn: number;
  readonly needsParking: boolean;
}

/** Works out who can reach an end. Resources are numbered once, because the question is asked for every metre that is released. */
export class Finishing {
  readonly #numbers = new Map<string, number>();
  readonly #known = new WeakMap<Claim, Numbered>();

  /**
   * The robots that can reach their end in some order: whoever has a free way drives to its end and gives back what it held, and so on. Who would
   * park where others still have to pass is let through last.
   */
  of(claims: Iterable<Claim>): Set<string> {
    const all = [...claims].map((claim) => this.#number(claim));
    const size = this.#numbers.size;
    const holders = new Int32Array(size);
    const wanted = new Int32Array(size);
    for (const { holds } of all) for (const r of holds) holders[r]!++;
    let waiting = all.filter((claim) => claim.canMove);
    for (const { ahead } of waiting) for (const r of ahead) wanted[r]!++;

    const isFree = ({ ahead, held }: Numbered): boolean => {
      for (const r of ahead) if (holders[r]! > 0 && (holders[r]! > 1 || !held.has(r))) return false;
      return true;
    };
    const isInTheWay = ({ parksOn, needsParking }: Numbered) => parksOn >= 0 && wanted[parksOn]! > (needsParking ? 1 : 0);
    const done = new Set<string>();
    const finish = (claim: Numbered) => {
      for (const r of claim.holds) holders[r]!--;
      for (const r of claim.ahead) wanted[r]!--;
      if (claim.parksOn >= 0) holders[claim.parksOn]!++;
      done.add(claim.id);
    };
    for (;;) {
      const before = waiting.length;
      waiting = waiting.filter((claim) => {
        if (isInTheWay(claim) || !isFree(claim)) return true;
        finish(claim);
        return false;
      });
      if (waiting.length < before) continue;
      const parker = waiting.find(isFree);
      if (!parker) return done;
      finish(parker);
      waiting = waiting.filter((claim) => claim !== parker);
    }
  }

  #number(claim: Claim): Numbered {
    const known = this.#known.get(claim);
    if (known) return known;
    const numberOf = (resource: string): number => {
      let number = this.#numbers.get(resource);
      if (number === undefined) {
        number = this.#numbers.size;
        this.#numbers.set(resource, number);
      }
      return number;
    };
    const held = new Set(claim.holds.map(numberOf));
    const ahead = new Set(claim.ahead.map(numberOf));
    const parksOn = claim.parksOn === undefined ? -1 : numberOf(claim.parksOn);
    const numbered = {
      id: claim.id,
      canMove: claim.canMove,
      holds: Int32Array.from(held),
      ahead: Int32Array.from(ahead),
      held,
      parksOn,
      needsParking: ahead.has(parksOn),
    };
    this.#known.set(claim, numbered);
    return numbered;
  }
}
