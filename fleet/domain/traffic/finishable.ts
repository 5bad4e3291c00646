/** What one robot has of the ways, and what it will still need. */
export interface Claim {
  readonly id: string;
  /** Nodes, corridors and cabins that it stands on or has been released to: it gives them back only by driving on. */
  readonly holds: readonly string[];
  /** What it needs from there on, in driving order, over every stop of its mission to the place where it parks. */
  readonly ahead: readonly string[];
  /** Indexes in `ahead` of nodes where it can let others pass: its stops, the nodes before and behind a lift, and the end. */
  readonly rests: readonly number[];
  /** Where it will stand when it has driven what it holds. Absent: nobody knows. */
  readonly parksOn?: string;
  /** False for a robot that will not move by itself: lost, in manual mode, out of order. */
  readonly canMove: boolean;
}

interface Numbered {
  readonly id: string;
  readonly canMove: boolean;
  readonly holds: readonly number[];
  /** Each stretch from one resting place to the next, the resting place last. */
  readonly stretches: readonly (readonly number[])[];
  readonly parksOn: number | undefined;
}

interface Walker {
  readonly claim: Numbered;
  held: ReadonlySet<number>;
  next: number;
}

/** Who moves to its next resting place, one after the other: the witness that a state is safe. */
type Order = readonly (readonly [id: string, rest: number])[];

export interface Finish {
  /** The robots that reach their end. */
  readonly done: ReadonlySet<string>;
  readonly order: Order;
}

/** Works out who can reach an end. Resources are numbered once, because the question is asked for every metre that is released. */
export class Finishing {
  readonly #numbers = new Map<string, number>();
  readonly #known = new WeakMap<Claim, Numbered>();
  #witness: Order = [];

  /**
   * Finds an order in which robots reach their ends: the order that was found before, as far as it still goes; then whoever has a free way to its
   * very end; then whoever can reach its next resting place, those last that would rest where others still have to pass. Robots that are left out
   * may still have a way, but nobody has found it.
   */
  of(claims: Iterable<Claim>): Finish {
    const walkers: Walker[] = [...claims].map((claim) => {
      const numbered = this.#number(claim);
      const { parksOn, holds, canMove } = numbered;
      // What is released will be driven: of all that it holds, the end is what it keeps.
      return { claim: numbered, held: new Set(canMove && parksOn !== undefined ? [parksOn] : holds), next: 0 };
    });
    const holders = new Int32Array(this.#numbers.size);
    const wanted = new Int32Array(this.#numbers.size);
    for (const { held } of walkers) for (const r of held) holders[r]!++;
    let waiting = walkers.filter(({ claim }) => claim.canMove);
    for (const { claim } of waiting) for (const stretch of claim.stretches) for (const r of stretch) wanted[r]!++;
    const done = new Set<string>();
    const order: (readonly [string, number])[] = [];

    const isFreeFor = (held: ReadonlySet<number>, stretch: readonly number[]): boolean => {
      for (const r of stretch) if (holders[r]! > 0 && (holders[r]! > 1 || !held.has(r))) return false;
      return true;
    };
    const isFree = ({ claim, held, next }: Walker): boolean => isFreeFor(held, claim.stretches[next] ?? []);
    const isFreeToTheEnd = ({ claim, held, next }: Walker): boolean =>
      claim.stretches.slice(next).every((stretch) => isFreeFor(held, stretch));
    const isInTheWay = ({ claim, next }: Walker): boolean => {
      const stretch = claim.stretches[next];
      return stretch !== undefined && wanted[stretch.at(-1)!]! > 1;
    };
    const walk = (walker: Walker): void => {
      const { claim, next } = walker;
      const stretch = claim.stretches[next];
      const rest = stretch ? stretch.at(-1) : claim.parksOn;
      for (const r of walker.held) holders[r]!--;
      for (const r of stretch ?? []) wanted[r]!--;
      walker.held = rest === undefined ? new Set() : new Set([rest]);
      if (rest !== undefined) holders[rest]!++;
      walker.next = next + 1;
      order.push([claim.id, rest ?? -1]);
      if (walker.next >= claim.stretches.length) done.add(claim.id);
    };
    const walkToTheEnd = (walker: Walker): void => {
      do walk(walker);
      while (!done.has(walker.claim.id));
    };

    const byId = new Map(waiting.map((walker) => [walker.claim.id, walker]));
    for (const [id, rest] of this.#witness) {
      const walker = byId.get(id);
      if (walker && !done.has(id) && walker.claim.stretches[walker.next]?.at(-1) === rest && isFree(walker)) walk(walker);
    }
    for (;;) {
      waiting = waiting.filter(({ claim }) => !done.has(claim.id));
      const finisher = waiting.find((walker) => !isInTheWay(walker) && isFreeToTheEnd(walker)) ?? waiting.find(isFreeToTheEnd);
      if (finisher) walkToTheEnd(finisher);
      else {
        const walker = waiting.find((w) => !isInTheWay(w) && isFree(w)) ?? waiting.find(isFree);
        if (!walker) return { done, order };
        walk(walker);
      }
    }
  }

  /** Remembers the order of a state that is entered now. */
  remember({ order }: Pick<Finish, 'order'>): void {
    this.#witness = order;
  }

  /** The robot goes to its end first, the others as they would have. */
  rememberFirst(claim: Claim): void {
    const { id, stretches } = this.#number(claim);
    this.#witness = [...stretches.map((stretch) => [id, stretch.at(-1)!] as const), ...this.#witness.filter(([other]) => other !== id)];
  }

  #number(claim: Claim): Numbered {
    const known = this.#known.get(claim);
    if (known) return known;
    const ahead = claim.ahead.map((resource) => this.#numberOf(resource));
    const stretches: number[][] = [];
    let from = 0;
    for (const end of new Set([...claim.rests, ahead.length - 1])) {
      if (end < from || end >= ahead.length) continue;
      stretches.push(ahead.slice(from, end + 1));
      from = end + 1;
    }
    const numbered: Numbered = {
      id: claim.id,
      canMove: claim.canMove,
      holds: claim.holds.map((resource) => this.#numberOf(resource)),
      stretches,
      parksOn: claim.parksOn === undefined ? undefined : this.#numberOf(claim.parksOn),
    };
    this.#known.set(claim, numbered);
    return numbered;
  }

  #numberOf(resource: string): number {
    let number = this.#numbers.get(resource);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(resource, number);
    }
    return number;
  }
}
