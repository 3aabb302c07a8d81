"use server";

import { revalidatePath } from "next/cache";
import { defineAction } from "@/lib/actions/define-action";
import { requestOrigin } from "@/lib/auth/require-actor";
import { runDoctor } from "@/lib/doctor/run-doctor";
import { checkAgainInput } from "@/lib/doctor/schema";
import { ok } from "@/lib/result";

export const checkAgainAction = defineAction(
  { permission: "directory.sync", input: checkAgainInput },
  async (actor, { app, check }) => {
    const { address } = await requestOrigin();
    const counts = await runDoctor(actor, { appId: app, check, address });
    // A passed check can activate a broken app.
    revalidatePath("/o/[organization]/apps/[app]", "layout");
    return ok(counts);
  },
);
