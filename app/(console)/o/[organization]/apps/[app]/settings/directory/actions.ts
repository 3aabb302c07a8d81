"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { defineAction } from "@/lib/actions/define-action";
import { changeDirectorySettings } from "@/lib/directory/settings/commands";
import { directorySettingsInput } from "@/lib/directory/settings/schema";
import { ok } from "@/lib/result";

/** Asks for the password, because the settings can weaken the removal guard (S10). */
export const directorySettingsAction = defineAction(
  {
    permission: "app.change",
    input: directorySettingsInput.and(z.object({ app: z.string() })),
    isDangerous: true,
  },
  async (actor, { app, ...settings }) => {
    await changeDirectorySettings(actor, app, settings);
    revalidatePath("/o/[organization]/apps/[app]/settings/directory", "page");
    return ok(null);
  },
);
