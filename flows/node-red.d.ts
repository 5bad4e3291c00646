/** The parts of Node-RED that Wardline uses; Node-RED ships no types. */
declare module 'node-red' {
  import type { EventEmitter } from 'node:events';
  import type { RequestListener, Server } from 'node:http';

  interface Runtime {
    init(server: Server, settings: Record<string, unknown>): void;
    start(): Promise<void>;
    stop(): Promise<void>;
    readonly httpAdmin: RequestListener;
    readonly events: EventEmitter;
    readonly version: () => string;
  }
  const runtime: Runtime;
  export default runtime;
}

declare module 'node-red-node-test-helper' {
  interface TestHelper {
    init(runtimePath: string, settings?: Record<string, unknown>): void;
    settings(settings: Record<string, unknown>): Record<string, unknown>;
    load(nodes: unknown, flow: unknown, callback?: () => void): Promise<void>;
    unload(): Promise<void>;
    getNode(id: string): import('#flows/nodes/define-node.ts').FlowNode;
    startServer(done: () => void): void;
    stopServer(done: () => void): void;
  }
  const helper: TestHelper;
  export default helper;
}
