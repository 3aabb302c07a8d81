"use server";

import { revalidatePath } from "next/cache";
import { defineAction } from "@/lib/actions/define-action";
import { releaseKept } from "@/lib/directory/removed/release-kept";
import { restoreRemoved } from "@/lib/directory/removed/restore";
import { removedInput } from "@/lib/directory/removed/schema";
import { err, ok } from "@/lib/result";

/** Refreshes the page's counts. The browser reloads its tree itself. */
const revalidateDirectory = () => revalidatePath("/o/[organization]/apps/[app]/directory", "page");

export const restoreAction = defineAction(
  { permission: "directory.decide", input: removedInput, isDangerous: true },
  async (actor, { app, object, id, withBelow }) => {
    const restored = await restoreRemoved(actor, app, { object, ids: [id], withBelow });
    if (!restored.ok) return err({ message: { key: `removed.${restored.error}` } });
    revalidateDirectory();
    return ok(restored.value);
  },
);

export const releaseKeptAction = defineAction(
  { permission: "directory.decide", input: removedInput, isDangerous: true },
  async (actor, { app, object, id, withBelow }) => {
    await releaseKept(actor, app, { object, id, withBelow });
    revalidateDirectory();
    return ok(null);
  },
);
