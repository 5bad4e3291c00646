import { Type } from 'typebox';
import type { LoadedSite } from '#runtime/site.ts';
import { type App, personOf } from '../app.ts';
import { drawFloors, siteFor } from '../drawing.ts';

/** What does not change while the house runs: wards, beds, floors. */
export async function siteRoutes(app: App, site: LoadedSite, isSimulated: boolean): Promise<void> {
  const floors = drawFloors(site);
  app.get(
    '/api/site',
    {
      config: { access: 'see' },
      schema: { summary: 'Wards, beds, robots and lifts that the person works with.', tags: ['site'], response: { 200: Type.Unknown() } },
    },
    async (request) => siteFor(site, personOf(request), isSimulated),
  );
  app.get(
    '/api/layout',
    {
      config: { access: 'see' },
      schema: {
        summary: 'Floors for drawing, in metres: zones, nodes, edges, stations, lifts, doors.',
        tags: ['site'],
        response: { 200: Type.Unknown() },
      },
    },
    async () => ({ floors }),
  );
}
