import { AsyncLocalStorage } from "node:async_hooks";
import { pool } from "@/lib/db/clients";

/** The view of all sessions. On a distributed database a statement waits on the node that has its rows. */
export const SESSIONS = process.env.CITUS_URL ? "citus_stat_activity" : "pg_stat_activity";

/** Connections of this process that are in use now. */
export const connectionsInUse = (): number => pool().totalCount - pool().idleCount;

/** How often this process takes a database connection while something is done, whoever takes it. */
export async function countConnections(work: () => Promise<unknown>): Promise<number> {
  let taken = 0;
  const count = () => {
    taken += 1;
  };
  pool().on("acquire", count);
  try {
    await work();
  } finally {
    pool().off("acquire", count);
  }
  return taken;
}

const counted = new AsyncLocalStorage<object>();

/** How often `work` itself asks for a database connection: not what this process writes now and then beside it. */
export async function countConnectionsOf(work: () => Promise<unknown>): Promise<number> {
  const database = pool();
  // oxlint-disable-next-line typescript/unbound-method -- called with its own `this`, and put back
  const { connect } = database;
  const mine = { taken: 0 };
  database.connect = new Proxy(connect, {
    apply(target, self, args) {
      if (counted.getStore() === mine) mine.taken += 1;
      return Reflect.apply(target, self, args);
    },
  });
  try {
    await counted.run(mine, work);
  } finally {
    database.connect = connect;
  }
  return mine.taken;
}
