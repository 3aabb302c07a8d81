"use server";

import { revalidatePath } from "next/cache";
import { defineAction } from "@/lib/actions/define-action";
import { setKeepsPersonal } from "@/lib/directory/personal/storage-setting";
import { keepsPersonalInput } from "@/lib/directory/settings/schema";
import { renameOrganization, setTimeZone } from "@/lib/organizations/commands";
import { deleteOrganization } from "@/lib/organizations/delete-organization";
import {
  deleteOrganizationInput,
  renameOrganizationInput,
  setTimeZoneInput,
} from "@/lib/organizations/schema";
import { err, ok } from "@/lib/result";

export const renameOrganizationAction = defineAction(
  { permission: "organization.rename", input: renameOrganizationInput },
  async (actor, { name }) => {
    await renameOrganization(actor, name);
    revalidatePath("/o/[organization]", "layout");
    return ok({ name });
  },
);

export const setTimeZoneAction = defineAction(
  { permission: "organization.setTimeZone", input: setTimeZoneInput },
  async (actor, { timeZone }) => {
    await setTimeZone(actor, timeZone);
    revalidatePath("/o/[organization]", "layout");
    return ok(null);
  },
);

export const keepsPersonalAction = defineAction(
  { permission: "organization.setPersonal", input: keepsPersonalInput, isDangerous: true },
  async (actor, { keepsPersonal }) => {
    await setKeepsPersonal(actor, keepsPersonal);
    revalidatePath("/o/[organization]", "layout");
    return ok(null);
  },
);

export const deleteOrganizationAction = defineAction(
  { permission: "organization.delete", input: deleteOrganizationInput, isDangerous: true },
  async (actor, { typed }) => {
    const deleted = await deleteOrganization(actor, typed);
    if (deleted.ok) return ok({ name: deleted.value.name });
    return err({
      message: { key: "validation.form" },
      fieldErrors: { typed: { key: "settings.notTheName" } },
    });
  },
);
