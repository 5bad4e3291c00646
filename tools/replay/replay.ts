import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { systemClock } from '#runtime/clock.ts';
import { ConfigError } from '#runtime/errors.ts';
import { stopOnSignals } from '#runtime/lifecycle.ts';
import { loadSite } from '#runtime/site.ts';
import { TraceError } from '#tools/evaluate/trace-file.ts';
import { openReplay, type Replay } from './open-replay.ts';
import { ownPlaces, placesOfSite } from './places.ts';
import { openTracks } from './tracks.ts';

const HELP = `Usage: wardline replay DIR [options]

Plays recorded devices on their real wires, so that an edge agent reads them as it reads live ones. The recordings start
when the first agent connects, and the command ends when they are over. Truth files are never opened.

  DIR             a folder of traces (*.jsonl, *.jsonl.gz) or of pictures (input.jsonl and JPEG files). What they hold
                  tells how they are played:
                    scales (A)         MT-SICS frames, asked with SI        driver mt-sics
                    drip chambers (B)  lines of a drip counter              driver drip-counter
                    pumps (C)          answers of an Alaris / Asena GH      driver alaris-gh
                    tag readers (D)    YRM100 frames, all readers at once   driver yrm100
                                       (which zone an antenna is in, the site file must say: antennaZones)
                    pictures           JPEG over HTTP                       driver http-jpeg

  --speed N       N times as fast as recorded (0.1 to 1000, default 1). Give the edge agent the same time factor
                  (settings: isSimulated true, timeFactor N), then flows come out in true units.
  --trace NAME    only this trace, or this sequence of pictures; may be given again
  --site FILE     play as the devices of this site: each recording takes the next device with its driver, on the wire
                  that the site file gives it. Without it, wires of its own are made and a "devices:" part for a site
                  file is printed.
  --device ID     with --site: only these devices; may be given again
  --data DIR      with --site: the data folder below which shared sockets lie
  --port N        without --site: TCP and HTTP ports from N up (default: free ones)
  --pty PREFIX    without --site: serial ports PREFIX<name> in place of TCP (needs socat)
  --edge ID       edge named in the printed part (default: edge)

Examples:
  wardline replay traces/A --trace A_05 --pty /tmp/ward-
  wardline replay traces/B --speed 10 --site ward.yaml --device drip-3
`;

/** How long the last words of a recording may take to be read. */
const LAST_WORDS_MS = 1000;

const printed = ({ devices }: Replay, edge: string): string =>
  stringify({ devices: devices.map(({ id, driver, transport, facts }) => ({ id, edge, driver, transport, ...facts })) });

/** `wardline replay`. Resolves when the recordings are over or the process is asked to end. */
export async function replayCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      speed: { type: 'string', default: '1' },
      trace: { type: 'string', multiple: true, default: [] },
      site: { type: 'string' },
      device: { type: 'string', multiple: true, default: [] },
      data: { type: 'string' },
      port: { type: 'string', default: '0' },
      pty: { type: 'string' },
      edge: { type: 'string', default: 'edge' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const [dir, ...more] = positionals;
  const speed = Number(values.speed);
  const port = Number(values.port);
  const problems: string[] = [];
  if (dir === undefined) problems.push('DIR must be given');
  if (more.length > 0) problems.push(`${more.join(' ')}: one DIR at a time`);
  if (!(speed >= 0.1 && speed <= 1000)) problems.push(`--speed ${values.speed}: must be a number from 0.1 to 1000`);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) problems.push(`--port ${values.port}: must be a port number`);
  if (values.site === undefined && values.device.length > 0) problems.push('--device goes with --site');
  if (values.site !== undefined && values.pty !== undefined) problems.push('--pty: the site file says where its serial ports are');
  if (dir === undefined || problems.length > 0) throw new ConfigError('replay', problems);

  try {
    const tracks = openTracks(dir, speed, values.trace);
    const places =
      values.site === undefined
        ? ownPlaces(tracks, { ptyPrefix: values.pty, port })
        : placesOfSite(loadSite(values.site).site, tracks, { devices: values.device, dataDir: values.data });
    const stop = stopOnSignals();
    await using replay = await openReplay(places, speed, systemClock);
    process.stdout.write(printed(replay, values.edge));
    process.stderr.write(`recordings waiting for an agent: ${places.length}; ctrl-c ends\n`);
    const isOver = await Promise.race([replay.finished.then(() => true), stop.requested.then(() => false)]);
    if (isOver) await new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS));
    process.stderr.write(`${isOver ? 'played to the end' : 'ended'} at ${replay.position.toFixed(1)} s of the recording\n`);
    stop.request();
  } catch (thrown) {
    if (thrown instanceof TraceError) throw new ConfigError('replay', [thrown.message]);
    throw thrown;
  }
}
