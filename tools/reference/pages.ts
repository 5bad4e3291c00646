import { type AlarmKind, alarmKinds } from '#contracts/alarm-kinds.ts';
import { type Channel, channels } from '#contracts/channels.ts';
import { type CommandDefinition, commands } from '#contracts/commands.ts';
import { faults } from '#contracts/faults.ts';
import { template } from '#contracts/topics.ts';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`),
  ].join('\n');
const code = (text: string): string => `\`${text}\``;
const NOTE = 'Computed by `npm run generate`; do not edit.';

export function channelsPage(): string {
  const rows = (Object.entries(channels) as [string, Channel][]).map(([name, c]) => [
    code(name),
    code(template(c)),
    c.summary,
    c.writers.join(', '),
    c.readers.join(', '),
    String(c.qos),
    c.retain ? 'yes' : 'no',
    (c.schema as { $id?: string }).$id ?? (c.isForeign ? 'VDA 5050' : '–'),
  ]);
  return `# Channels\n\n${NOTE} The machine-readable form is [asyncapi.json](asyncapi.json).\n\nWhoever is not named as writer or reader is refused by the broker.\n\n${table(['channel', 'topic', 'what', 'written by', 'read by', 'QoS', 'retained', 'schema'], rows)}\n`;
}

export function commandsPage(): string {
  const rows = (Object.values(commands) as CommandDefinition[]).map((c) => [
    code(`${c.service}/${c.verb}`),
    c.summary,
    c.callers.join(', '),
    Object.entries((c.args as { properties?: Record<string, unknown>; required?: string[] }).properties ?? {})
      .map(([name]) => code((c.args as { required?: string[] }).required?.includes(name) ? name : `${name}?`))
      .join(' '),
  ]);
  return `# Commands\n\n${NOTE}\n\nA command is published on \`command/{service}/{verb}\` with an id, the caller and a deadline; its owner answers on \`reply/{caller}\`. What has expired is refused; a repeated id gets its first answer.\n\n${table(['command', 'what', 'who may', 'arguments'], rows)}\n`;
}

export function faultsPage(): string {
  const rows = Object.entries(faults).map(([name, { text, action }]) => [code(name), text.en, action.en, text['zh-CN'], action['zh-CN']]);
  return `# Device faults\n\n${NOTE}\n\n${table(['code', 'what', 'what to do', '说明', '处理'], rows)}\n`;
}

export function alarmsPage(): string {
  const rows = (Object.entries(alarmKinds) as [string, AlarmKind][]).map(([name, k]) => [
    code(name),
    k.priority,
    k.category,
    `${k.onDelayMs / 1000} s`,
    `${k.offDelayMs / 1000} s`,
    `${k.escalateAfterMs / 1000} s`,
    k.route.join(' → '),
    k.text.en,
    k.action.en,
    k.text['zh-CN'],
    k.action['zh-CN'],
  ]);
  return `# Findings and alarms\n\n${NOTE}\n\nEach kind of finding with its safe default: the alarm that is raised where no flow has decided within 2 s. A site and each ward change them in the site file under \`alarmRules\`.\n\n${table(['kind', 'priority', 'about', 'raised after', 'ends after', 'next is asked after', 'route', 'text', 'action', '文字', '处理'], rows)}\n`;
}
