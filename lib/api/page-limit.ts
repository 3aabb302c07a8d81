import { z } from "zod";

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

/** Items per page of a list. */
export const pageLimit = z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT);
