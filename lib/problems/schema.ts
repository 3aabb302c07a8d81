import { z } from "zod";
import { ERROR_STATUS, type ErrorCode } from "@/lib/errors";

const CODES = Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]];

/** @see https://www.rfc-editor.org/rfc/rfc9457 */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string().meta({ description: "In the caller's language." }),
    status: z.int(),
    code: z.enum(CODES).meta({ description: "Stable code for programs to branch on." }),
    detail: z.string().optional(),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    dingtalk: z
      .object({
        code: z.string().nullable(),
        subCode: z.string().nullable(),
        message: z.string().min(1),
        requestId: z.string().nullable(),
      })
      .optional()
      .meta({ description: "DingTalk's error, if DingTalk caused the failure." }),
    hint: z.string().optional().meta({ description: "How to fix the failure, in the caller's language." }),
  })
  .meta({ id: "Problem" });
