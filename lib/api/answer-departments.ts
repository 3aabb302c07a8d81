import "server-only";
import { listDepartments } from "@/lib/directory/tree/list-departments";
import { nextCursor } from "@/lib/pagination/cursor";
import type { CallOf } from "./call";
import type { listDepartmentsContract } from "./departments";

export async function answerDepartments({
  actor,
  params: { appId },
  query: { cursor, ...query },
}: CallOf<typeof listDepartmentsContract>) {
  const { departments, next } = await listDepartments(actor, appId, { ...query, after: cursor });
  return { departments: [...departments], nextCursor: nextCursor(next) };
}
