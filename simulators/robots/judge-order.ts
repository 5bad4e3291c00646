import { type Order, type OrderNode, orderProblem } from './vda5050.ts';

/** What a robot needs to know of itself to judge an order. */
export interface Situation {
  readonly orderId: string;
  readonly orderUpdateId: number;
  readonly isCancelled: boolean;
  readonly isIdle: boolean;
  /** The last released node of the order in force: where an update must begin. */
  readonly lastBase: { readonly nodeId: string; readonly sequenceId: number };
  readonly isAt: (node: OrderNode) => boolean;
  readonly isKnown: (node: OrderNode) => boolean;
}

export type Judgement =
  | { readonly is: 'new' | 'update' | 'repeated' }
  | { readonly is: 'refused'; readonly errorType: string; readonly because: string };

const refused = (errorType: string, because: string): Judgement => ({ is: 'refused', errorType, because });

/** Takes an order on, or says what is wrong with it (VDA 5050 2.0 §6.6.4). */
export function judgeOrder(order: Order, robot: Situation): Judgement {
  const problem = orderProblem(order);
  if (problem) return refused('validationError', problem);
  const unknown = order.nodes.find((node) => !robot.isKnown(node));
  if (unknown) return refused('noRouteError', `node ${unknown.nodeId} has no position and is not on the map`);
  const first = order.nodes[0]!;
  if (order.orderId !== robot.orderId) {
    if (!robot.isIdle) return refused('orderError', `order ${robot.orderId} is not finished`);
    return robot.isAt(first) ? { is: 'new' } : refused('noRouteError', `the robot is not at ${first.nodeId}`);
  }
  if (order.orderUpdateId < robot.orderUpdateId)
    return refused('orderUpdateError', `update ${order.orderUpdateId} is older than ${robot.orderUpdateId}`);
  // Sent again because its answer was late.
  if (order.orderUpdateId === robot.orderUpdateId) return { is: 'repeated' };
  if (robot.isCancelled) return refused('orderUpdateError', `order ${robot.orderId} has been cancelled`);
  const { nodeId, sequenceId } = robot.lastBase;
  if (first.nodeId !== nodeId || first.sequenceId !== sequenceId)
    return refused('orderUpdateError', `the update must begin at ${nodeId} (${sequenceId})`);
  return { is: 'update' };
}
