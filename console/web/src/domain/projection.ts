/** From metres on a floor's map (y upwards) to pixels on a screen (y downwards). */
export interface Projection {
  readonly scale: number;
  readonly width: number;
  readonly height: number;
  x(metres: number): number;
  y(metres: number): number;
}

export interface Bounds {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** The floor as wide as the screen gives it, but never smaller than `scaleMin` pixels a metre: then it scrolls. */
export function project(bounds: Bounds, available: number, scaleMin: number, scaleMax = 26): Projection {
  const scale = Math.max(scaleMin, Math.min(scaleMax, available / (bounds.x1 - bounds.x0)));
  return {
    scale,
    width: (bounds.x1 - bounds.x0) * scale,
    height: (bounds.y1 - bounds.y0) * scale,
    x: (metres) => (metres - bounds.x0) * scale,
    y: (metres) => (bounds.y1 - metres) * scale,
  };
}

const star = (points: number, outer: number, inner: number): string =>
  Array.from({ length: points * 2 }, (_, i) => {
    const radius = i % 2 === 0 ? outer : inner;
    const angle = (Math.PI * i) / points;
    return `${(radius * Math.cos(angle)).toFixed(2)},${(radius * Math.sin(angle)).toFixed(2)}`;
  }).join(' ');

/** A robot's shape by kind, around the origin, heading along +x, about 8 pixels in radius. */
export const robotShapes = {
  delivery: '7.2,7.2 -7.2,7.2 -7.2,-7.2 7.2,-7.2',
  disinfection: star(6, 9.6, 5),
  service: Array.from(
    { length: 24 },
    (_, i) => `${(8 * Math.cos((Math.PI * i) / 12)).toFixed(2)},${(8 * Math.sin((Math.PI * i) / 12)).toFixed(2)}`,
  ).join(' '),
  patrol: '9.6,0 -6.4,8 -6.4,-8',
} as const;
