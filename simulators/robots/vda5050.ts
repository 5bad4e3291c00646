import { type Static, Type } from 'typebox';

/** VDA 5050 2.0 as the simulated vehicles read it. Unknown fields are let through, as the standard asks of an AGV. */

const Action = Type.Object({
  actionId: Type.String({ minLength: 1 }),
  actionType: Type.String({ minLength: 1 }),
  blockingType: Type.String({ enum: ['NONE', 'SOFT', 'HARD'] }),
  actionDescription: Type.Optional(Type.String()),
  actionParameters: Type.Optional(Type.Array(Type.Object({ key: Type.String(), value: Type.Unknown() }))),
});
export type Action = Static<typeof Action>;

const header = {
  headerId: Type.Integer(),
  timestamp: Type.String(),
  version: Type.String(),
  manufacturer: Type.String(),
  serialNumber: Type.String(),
};

const OrderNode = Type.Object({
  nodeId: Type.String({ minLength: 1 }),
  sequenceId: Type.Integer({ minimum: 0 }),
  released: Type.Boolean(),
  nodePosition: Type.Optional(
    Type.Object({
      x: Type.Number(),
      y: Type.Number(),
      theta: Type.Optional(Type.Number()),
      allowedDeviationXY: Type.Optional(Type.Number({ minimum: 0 })),
      mapId: Type.String(),
    }),
  ),
  actions: Type.Array(Action),
});
export type OrderNode = Static<typeof OrderNode>;

const OrderEdge = Type.Object({
  edgeId: Type.String({ minLength: 1 }),
  sequenceId: Type.Integer({ minimum: 0 }),
  released: Type.Boolean(),
  startNodeId: Type.String(),
  endNodeId: Type.String(),
  maxSpeed: Type.Optional(Type.Number()),
  actions: Type.Array(Action),
});
export type OrderEdge = Static<typeof OrderEdge>;

export const Order = Type.Object({
  ...header,
  orderId: Type.String({ minLength: 1 }),
  orderUpdateId: Type.Integer({ minimum: 0 }),
  nodes: Type.Array(OrderNode, { minItems: 1, maxItems: 1000 }),
  edges: Type.Array(OrderEdge, { maxItems: 1000 }),
});
export type Order = Static<typeof Order>;

/** The tag 2.0.0 of the schema says `instantActions` where the text and the corrected schema say `actions`: both are read. */
export const InstantActions = Type.Object({
  ...header,
  actions: Type.Optional(Type.Array(Action, { maxItems: 100 })),
  instantActions: Type.Optional(Type.Array(Action, { maxItems: 100 })),
});
export type InstantActions = Static<typeof InstantActions>;

export type ActionStatus = 'WAITING' | 'INITIALIZING' | 'RUNNING' | 'FINISHED' | 'FAILED';

export interface VehicleError {
  readonly errorType: string;
  readonly errorLevel: 'WARNING' | 'FATAL';
  readonly errorDescription: string;
  readonly errorReferences: readonly { readonly referenceKey: string; readonly referenceValue: string }[];
}

export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly theta: number;
  readonly mapId: string;
}

/** What is wrong with an order by itself (VDA 5050 2.0 §6.4): numbering, released parts, ends of edges. */
export function orderProblem({ nodes, edges }: Order): string | undefined {
  if (edges.length !== nodes.length - 1) return `${nodes.length} nodes need ${nodes.length - 1} edges, not ${edges.length}`;
  const first = nodes[0]!.sequenceId;
  for (const [i, node] of nodes.entries()) {
    if (node.sequenceId !== first + 2 * i) return `node ${node.nodeId} has sequenceId ${node.sequenceId}, not ${first + 2 * i}`;
    if (i > 0 && node.released && !nodes[i - 1]!.released) return `node ${node.nodeId} is released behind one that is not`;
  }
  for (const [i, edge] of edges.entries()) {
    if (edge.sequenceId !== first + 2 * i + 1) return `edge ${edge.edgeId} has sequenceId ${edge.sequenceId}, not ${first + 2 * i + 1}`;
    if (edge.startNodeId !== nodes[i]!.nodeId || edge.endNodeId !== nodes[i + 1]!.nodeId)
      return `edge ${edge.edgeId} does not join its nodes`;
    if (edge.released !== nodes[i + 1]!.released) return `edge ${edge.edgeId} and node ${edge.endNodeId} are not released together`;
  }
  return nodes[0]!.released ? undefined : 'the first node must be released';
}
