import { type Static, Type } from 'typebox';

/** The parts of a VDMA LIF 1.0 file that Wardline reads; the rest is carried along untouched. */
const Node = Type.Object({
  nodeId: Type.String({ minLength: 1 }),
  mapId: Type.Optional(Type.String()),
  nodePosition: Type.Object({ x: Type.Number(), y: Type.Number() }),
});
const Edge = Type.Object({
  edgeId: Type.String({ minLength: 1 }),
  startNodeId: Type.String({ minLength: 1 }),
  endNodeId: Type.String({ minLength: 1 }),
  vehicleTypeEdgeProperties: Type.Optional(Type.Array(Type.Object({ maxSpeed: Type.Optional(Type.Number()) }))),
});
const Station = Type.Object({
  stationId: Type.String({ minLength: 1 }),
  stationName: Type.Optional(Type.String()),
  stationDescription: Type.Optional(Type.String()),
  interactionNodeIds: Type.Array(Type.String(), { minItems: 1 }),
});
export const LayoutFile = Type.Object({
  metaInformation: Type.Object({ projectIdentification: Type.String(), lifVersion: Type.String() }),
  layouts: Type.Array(
    Type.Object({
      layoutId: Type.String(),
      layoutLevelId: Type.Optional(Type.String()),
      nodes: Type.Array(Node),
      edges: Type.Array(Edge),
      stations: Type.Optional(Type.Array(Station)),
    }),
    { minItems: 1 },
  ),
});
export type LayoutFile = Static<typeof LayoutFile>;
