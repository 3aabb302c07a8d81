import { AsyncLocalStorage } from "node:async_hooks";
import { pool } from "@/lib/db/connection-pools";

/** View of all sessions. On Citus a statement waits on the node with its rows. */
export const SESSIONS = process.env.CITUS_URL ? "citus_stat_activity" : "pg_stat_activity";

export const connectionsInUse = (): number => pool().totalCount - pool().idleCount;

/** Counts the database connections that this process takes during `work`, also those of other code. */
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

/** Counts the database connections that `work` takes, without those of periodic writers of this process. */
export async function countConnectionsOf(work: () => Promise<unknown>): Promise<number> {
  const database = pool();
  // oxlint-disable-next-line typescript/unbound-method -- called with its own `this` and restored
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
