import { pool } from "@/lib/db/clients";

/** Connections of this process that are in use now. */
export const connectionsInUse = (): number => pool().totalCount - pool().idleCount;

/** How often this process takes a database connection while something is done. */
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
