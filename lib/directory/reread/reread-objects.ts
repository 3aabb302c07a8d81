import "server-only";
import type { ClientBase } from "pg";
import { v7 as newId } from "uuid";
import type { AppRef } from "@/lib/app-ref";
import { preventAppDeletion } from "@/lib/db/lock-app";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { applyChanges } from "../apply/apply-changes";
import { recordDetailsRead } from "../apply/apply-departments";
import { personalSealer, type SealPersonal } from "../personal/sealed-values";
import { lockDirectory } from "../revision";
import { RunIsOver } from "../runs/run-errors";
import { directoryStore, type StoredDirectory } from "../sync/directory-store";
import type { CallsOptions } from "../sync/read/directory-calls";
import { holdRemovals, releaseFound } from "./hold-removals";
import { planReread } from "./plan-reread";
import {
  NeedsSync,
  type ReadObjects,
  type RequestedObjects,
  type RereadCalls,
  readObjects,
} from "./read-objects";
import { storedObjects } from "./stored-objects";

export type RereadTools = {
  readonly callsOf: (options: CallsOptions) => Promise<RereadCalls>;
  /** Limit of objects that one re-read may read. */
  readonly objectsMax: number;
  readonly signal: AbortSignal;
};

export type Reread = {
  /** The applied changes; `null` if nothing changed. */
  readonly setId: string | null;
  /** The run that holds removals for approval; `null` if none were held. */
  readonly heldRunId: string | null;
  readonly outOfScope: ReadObjects["outOfScope"];
};

/**
 * Reads departments and members again and applies the differences, under the same rules as a sync: scope, settings,
 * kept rows, and limits of removals.
 *
 * @param inTransaction runs in the transaction that applies the changes, at its end
 * @throws {NeedsSync} when only a sync can do it, also before the first one
 * @throws {RunIsOver} when the app was deleted
 * @throws {DingtalkError}
 */
export async function rereadObjects(
  app: AppRef,
  requested: RequestedObjects,
  tools: RereadTools,
  inTransaction: (client: ClientBase, reread: Reread) => Promise<void>,
): Promise<Reread> {
  const before = await directoryStore(app).loadDirectory();
  // Without a complete sync, most objects would look new
  if (before.scope === null) throw new NeedsSync("the directory was never read completely");
  const { keepsPersonal, settings } = before;
  const calls = await tools.callsOf({ keepsPersonal });
  const { objectsMax, signal } = tools;
  const read = await readObjects(calls, {
    stored: storedObjects(app),
    requested,
    settings,
    objectsMax,
    signal,
  });
  const sealPersonal = keepsPersonal ? await personalSealer(app) : null;
  return inOrganizationSql(
    app,
    async (client) => {
      const reread = await apply(client, app, { read, before, sealPersonal });
      await inTransaction(client, reread);
      return reread;
    },
    LIMITS.directory,
  );
}

type Readings = {
  readonly read: ReadObjects;
  readonly before: StoredDirectory;
  readonly sealPersonal: SealPersonal | null;
};

async function apply(
  client: ClientBase,
  app: AppRef,
  { read, before, sealPersonal }: Readings,
): Promise<Reread> {
  const { settings } = before;
  const revision = await lockDirectory(client, app);
  const set = { ...app, setId: newId() };
  await releaseFound(client, app, read);
  await planReread(
    client,
    { ...set, revision, sealPersonal, isChosen: settings.includeIds.length > 0 },
    read,
  );
  const heldRunId = await holdRemovals(client, set, settings);
  const { isChanged } = await applyChanges(client, set);
  await recordDetailsRead({ client, set }, [...read.departments.keys()]);
  if (!isChanged) {
    await client.query("DELETE FROM change_set WHERE organization_id = $1 AND id = $2", [
      set.organizationId,
      set.setId,
    ]);
  }
  if (!(await preventAppDeletion(client, app))) throw new RunIsOver();
  return { setId: isChanged ? set.setId : null, heldRunId, outOfScope: read.outOfScope };
}
