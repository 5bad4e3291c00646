import { sayResource } from '../../map/nav-graph.ts';
import { no, type Verdict, yes } from '../verdict.ts';
import { type Claim, type Finish, Finishing } from './finishable.ts';

/**
 * Who holds which way. A node, a corridor (both directions) and a lift cabin has one holder. Ways are granted by the banker's rule: only while
 * there is still an order in which everybody who could reach its end before can do so afterwards. Hence no two robots ever wait for each other.
 */
export class Traffic {
  readonly #claims: Map<string, Claim>;
  readonly #holders = new Map<string, string[]>();
  readonly #finishing: Finishing;
  #now: Finish | undefined;

  constructor(claims: Iterable<Claim>, finishing = new Finishing()) {
    this.#finishing = finishing;
    this.#claims = new Map([...claims].map((claim) => [claim.id, claim]));
    for (const claim of this.#claims.values()) for (const resource of new Set(claim.holds)) this.#add(resource, claim.id);
  }

  /** Another robot that holds the resource. */
  holderOf(resource: string, except: string): string | undefined {
    return this.#holders.get(resource)?.find((id) => id !== except);
  }

  claimOf(id: string): Claim | undefined {
    return this.#claims.get(id);
  }

  /** Takes the next `count` resources ahead for the robot, or says who or what it waits for. */
  take(id: string, count: number): Verdict {
    const claim = this.#claims.get(id);
    if (!claim) return no(`${id} is not in traffic`);
    const wanted = claim.ahead.slice(0, count);
    for (const resource of wanted) {
      const holder = this.holderOf(resource, id);
      if (holder !== undefined) return no(`waits for ${holder} to leave ${sayResource(resource)}`);
    }
    const after: Claim = {
      ...claim,
      holds: [...claim.holds, ...wanted],
      ahead: claim.ahead.slice(count),
      rests: claim.rests.map((rest) => rest - count),
      ...(wanted.length > 0 ? { parksOn: wanted.at(-1)! } : {}),
    };
    if (!this.enter(after)) return no(this.#sayConflict(claim));
    return yes;
  }

  /** Makes this the robot's claim, if that takes from nobody the way to its end, the robot's own included. */
  enter(after: Claim): boolean {
    if (this.#isClear(after)) this.#finishing.rememberFirst(after);
    else {
      const then = this.finishIf(after);
      if (!then.done.has(after.id) || !this.#keepsOthers(after.id, then.done)) return false;
      this.#finishing.remember(then);
    }
    this.replace(after);
    return true;
  }

  replace(claim: Claim): void {
    const before = this.#claims.get(claim.id);
    for (const resource of new Set(before?.holds ?? [])) {
      const left = this.#holders.get(resource)!.filter((id) => id !== claim.id);
      if (left.length > 0) this.#holders.set(resource, left);
      else this.#holders.delete(resource);
    }
    this.#claims.set(claim.id, claim);
    for (const resource of new Set(claim.holds)) this.#add(resource, claim.id);
    this.#now = undefined;
  }

  /** Robots that can reach their end in some order, as things stand. */
  get finishable(): ReadonlySet<string> {
    this.#now ??= this.#finishing.of(this.#claims.values());
    return this.#now.done;
  }

  /** Robots that could move but have no way to their end in any order: each waits for somebody who waits, or who does not move. */
  blocked(): Claim[] {
    return [...this.#claims.values()].filter((claim) => claim.canMove && !this.finishable.has(claim.id));
  }

  /** Who could finish if this one's claim were another. */
  finishIf(claim: Claim): Finish {
    return this.#finishing.of([...this.#others(claim.id), claim]);
  }

  #add(resource: string, id: string): void {
    const held = this.#holders.get(resource);
    if (held) held.push(id);
    else this.#holders.set(resource, [id]);
  }

  *#others(id: string): Iterable<Claim> {
    for (const claim of this.#claims.values()) if (claim.id !== id) yield claim;
  }

  /** Nobody is in its way to the very end: it can finish first, and leaves the others what they had. */
  #isClear(claim: Claim): boolean {
    return claim.canMove && claim.ahead.every((resource) => this.holderOf(resource, claim.id) === undefined);
  }

  #keepsOthers(id: string, then: ReadonlySet<string>): boolean {
    for (const other of this.finishable) if (other !== id && !then.has(other)) return false;
    return true;
  }

  #sayConflict(claim: Claim): string {
    for (const resource of claim.ahead) {
      const holder = this.holderOf(resource, claim.id);
      if (holder !== undefined) return `lets ${holder} leave ${sayResource(resource)} first`;
    }
    return 'lets others pass first';
  }
}
