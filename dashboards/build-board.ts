import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { DashboardBuilder, QueryVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import type { BoardPlan, PanelPlan } from './panel.ts';

/** The data source that `deploy/grafana/provisioning` sets up. */
export const DATASOURCE = { type: 'influxdb', uid: 'wardline-history' } as const;

const drawers = { timeseries: TimeSeries, stat: Stat, table: Table, bargauge: BarGauge } as const;

/** The SDK has no builder for InfluxDB: this is the query as Grafana's InfluxDB data source stores it. */
const influxTarget = ({ influxQl, alias, draw }: PanelPlan): Builder<Dataquery> => ({
  build: () =>
    ({
      refId: 'A',
      query: influxQl,
      rawQuery: true,
      resultFormat: draw === 'table' ? 'table' : 'time_series',
      ...(alias ? { alias } : {}),
      datasource: DATASOURCE,
      _implementsDataqueryVariant: () => undefined,
    }) as unknown as Dataquery,
});

/** A board as Grafana loads it: plain JSON, in the same order for the same plan. */
export function buildBoard({ uid, title, hasWard, panels }: BoardPlan): unknown {
  const board = new DashboardBuilder(title)
    .uid(uid)
    .tags(['wardline'])
    .refresh('5s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .readonly();
  if (hasWard)
    board.withVariable(
      new QueryVariableBuilder('ward')
        .label('Ward')
        .datasource(DATASOURCE)
        .query('SHOW TAG VALUES FROM "infusion" WITH KEY = "ward"')
        .refresh(1),
    );
  for (const plan of panels) {
    const panel = new drawers[plan.draw]()
      .title(plan.title)
      .description(plan.what)
      .datasource(DATASOURCE)
      .span(plan.width)
      .height(8)
      .withTarget(influxTarget(plan));
    if (plan.unit) panel.unit(plan.unit);
    board.withPanel(panel);
  }
  return JSON.parse(JSON.stringify(board.build()));
}
