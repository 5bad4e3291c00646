/** One panel of a board, as its reader sees it: a question, its InfluxQL, and how the answer is drawn. */
export interface PanelPlan {
  readonly title: string;
  readonly what: string;
  readonly draw: 'timeseries' | 'stat' | 'table' | 'bargauge';
  /** Grafana's unit id. */
  readonly unit?: string;
  /** InfluxQL, understood by InfluxDB 1, 2 and 3; `$timeFilter`, `$__interval` and `$ward` are Grafana's. */
  readonly influxQl: string;
  readonly alias?: string;
  readonly width: 6 | 8 | 12 | 24;
}

export interface BoardPlan {
  readonly uid: string;
  readonly title: string;
  readonly hasWard: boolean;
  readonly panels: readonly PanelPlan[];
}
