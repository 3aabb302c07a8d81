import "server-only";
import { notFound } from "next/navigation";
import { AppError } from "@/lib/errors";

/** Shows the 404 page for things that don't exist or belong to another organization. For pages. */
export async function orNotFound<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") notFound();
    throw error;
  }
}
