import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { serveMetrics } from './metrics.ts';
import { metricOf, scrapeHouse } from './scrape.ts';

test('what a process counts can be read from outside', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-metrics-'));
  {
    await using metrics = serveMetrics(folder, 'watch');
    const readings = metrics.counter('wardline_readings_total', 'Readings.');
    readings.add(3);
    readings.add();
    metrics.gauge('wardline_open', 'Open.', () => 7);
    const text = (await scrapeHouse(folder)).get('watch')!;
    assert.equal(metricOf(text, 'wardline_readings_total'), 4);
    assert.equal(metricOf(text, 'wardline_open'), 7);
    assert.ok((metricOf(text, 'process_resident_memory_bytes') ?? 0) > 1e6);
    assert.equal(metricOf(text, 'wardline_nothing'), undefined);
  }
  assert.equal((await scrapeHouse(folder)).size, 0);
  rmSync(folder, { recursive: true });
});
