"use server";

import { revalidatePath } from "next/cache";
import { defineAction } from "@/lib/actions/define-action";
import { deleteOrganization, renameOrganization } from "@/lib/organizations/commands";
import { deleteOrganizationInput, renameOrganizationInput } from "@/lib/organizations/schema";
import { err, ok } from "@/lib/result";

export const renameOrganizationAction = defineAction(
  { permission: "organization.rename", input: renameOrganizationInput },
  async (actor, { name }) => {
    await renameOrganization(actor, name);
    revalidatePath("/o/[organization]", "layout");
    return ok({ name });
  },
);

export const deleteOrganizationAction = defineAction(
  { permission: "organization.delete", input: deleteOrganizationInput, isDangerous: true },
  async (actor, { typed }) => {
    const deleted = await deleteOrganization(actor, typed);
    if (deleted.ok) return ok(null);
    return err({
      message: { key: "validation.form" },
      fieldErrors: { typed: { key: "settings.notTheName" } },
    });
  },
);
