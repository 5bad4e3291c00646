import { Site } from '#contracts/site.ts';
import { boards } from '#dashboards/boards.ts';
import { buildBoard } from '#dashboards/build-board.ts';
import { asyncApi } from './asyncapi.ts';
import { apiPage, openApi } from './openapi.ts';
import { alarmsPage, channelsPage, commandsPage, faultsPage } from './pages.ts';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Every file that is computed from the contracts: path from the root, and content. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const api = await openApi();
  const files = new Map<string, string>([
    ['docs/reference/channels.md', channelsPage()],
    ['docs/reference/commands.md', commandsPage()],
    ['docs/reference/faults.md', faultsPage()],
    ['docs/reference/alarms.md', alarmsPage()],
    ['docs/reference/asyncapi.json', json(asyncApi())],
    ['docs/reference/site.schema.json', json(Site)],
    ['docs/reference/openapi.json', json(api)],
    ['docs/reference/api.md', apiPage(api)],
  ]);
  for (const board of boards) files.set(`dashboards/generated/${board.uid}.json`, json(buildBoard(board)));
  return files;
}
