import { z } from "zod";
import { departmentId } from "../ids";
import { CHOSEN_MAX, DETAILS_DAYS, FULL_EVERY_HOURS, HISTORY_DAYS, REMOVED_DAYS } from "./setting-choices";

const REMOVABLE_MAX = 1_000_000;

const number = (max: number) =>
  z
    .string({ error: "required" })
    .trim()
    .regex(/^\d{1,7}$/, "digits")
    .transform(Number)
    .refine((value) => value <= max, "numberLarge");

const oneOf = (values: readonly number[]) =>
  z
    .string({ error: "required" })
    .transform(Number)
    .refine((value) => values.includes(value), "invalid");

const departmentIds = z
  .string()
  .default("")
  .transform((text) => [...new Set(text.split(" ").filter((id) => id !== ""))])
  .pipe(z.array(departmentId, { error: "invalid" }).max(CHOSEN_MAX, "chosenMany"));

export const directorySettingsInput = z
  .object({
    departmentsRemovable: number(REMOVABLE_MAX),
    membersRemovable: number(REMOVABLE_MAX),
    percentRemovable: number(100),
    includeIds: departmentIds,
    excludeIds: departmentIds,
    readsDetails: z.enum(["on", "off"]).transform((value) => value === "on"),
    detailsDays: oneOf(DETAILS_DAYS),
    fullEveryHours: oneOf(FULL_EVERY_HOURS),
    removedDays: oneOf(REMOVED_DAYS),
    historyDays: oneOf(HISTORY_DAYS),
  })
  .refine(({ includeIds, excludeIds }) => !includeIds.some((id) => excludeIds.includes(id)), {
    path: ["excludeIds"],
    error: "chosenTwice",
  });

export const keepsPersonalInput = z.object({
  keepsPersonal: z.enum(["on", "off"]).transform((value) => value === "on"),
});
