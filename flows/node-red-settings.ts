import { join } from 'node:path';
import type { Log } from '#runtime/log.ts';
import { ADMITTED, type EditorDoor } from './editor-door.ts';
import type { FlowsHouse } from './flows-house.ts';

/** Where the console's proxy finds the editor. */
export const ADMIN_ROOT = '/flows';

export interface NodeRedOptions {
  /** Node-RED's files: flows, credentials, its own settings. */
  readonly userDir: string;
  readonly credentialSecret: string;
  readonly door: EditorDoor;
  readonly wardline: FlowsHouse;
  readonly log: Log;
  /** Somebody has deployed. */
  onDeploy(user: string): void;
}

interface LogLine {
  readonly level: number;
  readonly msg?: unknown;
  readonly type?: string;
  readonly name?: string;
  readonly id?: string;
  readonly event?: string;
  readonly user?: { readonly username?: string };
}

const ERROR = 20;
const WARN = 30;
const AUDIT = 98;

export function nodeRedSettings({ userDir, credentialSecret, door, wardline, log, onDeploy }: NodeRedOptions): Record<string, unknown> {
  return {
    wardline,
    userDir,
    flowFile: join('project', 'flows.json'),
    flowFilePretty: true,
    credentialSecret,
    nodesDir: [join(import.meta.dirname, 'nodes')],
    // A shell on the hospital's server is nothing for a flow.
    nodesExcludes: ['90-exec.js'],
    httpAdminRoot: ADMIN_ROOT,
    httpNodeRoot: false,
    adminAuth: {
      type: 'tokens',
      tokenHeader: ADMITTED,
      tokens: async (admission: string) => {
        const user = door.userOf(admission);
        return user === undefined ? null : { username: user, permissions: '*' };
      },
      users: async (username: string) => ({ username, permissions: '*' }),
    },
    externalModules: { palette: { allowInstall: false, allowUpload: false }, modules: { allowInstall: false } },
    functionExternalModules: false,
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { page: { title: 'Wardline flows' }, header: { title: 'Wardline flows' }, projects: { enabled: false }, tours: false },
    logging: {
      wardline: {
        level: 'warn',
        audit: true,
        handler: () => (line: LogLine) => {
          const { level, event, user, msg, type, name, id } = line;
          if (level === AUDIT) {
            if (event === 'flows.set') onDeploy(user?.username ?? 'somebody');
            return;
          }
          const said = { node: id, type, name, reason: msg instanceof Error ? msg.message : String(msg) };
          if (level <= ERROR) log.error(said, 'node-red');
          else if (level <= WARN) log.warn(said, 'node-red');
          else log.debug(said, 'node-red');
        },
      },
    },
  };
}
