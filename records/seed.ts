import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { asError, ConfigError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { LoadedSite } from '#runtime/site.ts';
import type { Store } from '#runtime/store.ts';
import { importCsv } from './import-csv.ts';
import type { Tables } from './migrations.ts';
import { writePlacement } from './placements.ts';
import type { Places } from './places.ts';
import { type Change, change } from './transaction.ts';

const ASKER = { caller: 'service.records' };

/** Fills empty records from the site's seed files, once. Beds are occupied before infusions are ordered, so that orders find their patient. */
export async function seed(
  store: Store<Tables>,
  loaded: LoadedSite,
  places: Places,
  now: Change['now'],
  newId: (prefix: string) => string,
  log: Log,
): Promise<void> {
  const files = loaded.site.seed ?? {};
  const texts = (['occupancy', 'orders', 'duty'] as const).flatMap((kind) => {
    const name = files[kind];
    return name === undefined ? [] : [{ kind, name, csv: read(resolve(dirname(loaded.file), name)) }];
  });
  await change(store, ASKER, now, async (one) => {
    const done = await one.db.selectFrom('mark').selectAll().where('name', '=', 'seeded').executeTakeFirst();
    if (done) return;
    for (const { kind, name, csv } of texts) {
      const { accepted, problems } = await importCsv(one, places, newId, { kind, csv });
      for (const problem of problems) log.warn({ file: name, ...problem }, 'row of a seed file not taken');
      log.info({ file: name, accepted, refused: problems.length }, 'seed file read');
    }
    await one.db
      .insertInto('mark')
      .values({ name: 'seeded', value: String(now) })
      .execute();
  });
}

/** Brings the placements in line with the site file: new devices start where it says, those that are gone or have moved to another ward lose theirs. */
export async function settleDevices(store: Store<Tables>, places: Places, now: Change['now']): Promise<void> {
  await change(store, ASKER, now, async (one) => {
    const known = new Map((await one.db.selectFrom('placement').selectAll().execute()).map((row) => [row.device, row]));
    for (const [device, { ward, edge, placement }] of places.devices) {
      const row = known.get(device);
      known.delete(device);
      if (row?.edge === edge && row.ward === ward && (row.bed === null || places.beds.get(ward)?.has(row.bed))) continue;
      await writePlacement(one, { device, ward, edge, bed: placement?.bed ?? null, line: placement?.line ?? null });
      await one.audit('place-device', { ward, ...(placement ? { bed: placement.bed } : {}) }, { device, bySiteFile: true });
    }
    for (const [device, { ward }] of known) {
      await one.db.deleteFrom('placement').where('device', '=', device).execute();
      await one.audit('remove-device', { ward }, { device, bySiteFile: true });
    }
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(file, [asError(error).message]);
  }
}
