"use client";

import { type RefObject, useEffect, useState } from "react";
import type { ActionState } from "@/lib/action-state";
import type { FieldErrors, FormCheck } from "@/lib/actions/field-errors";

type Options = {
  readonly formRef: RefObject<HTMLFormElement | null>;
  /** The last answer, a new object each time. */
  readonly answer: ActionState<unknown>;
  readonly check: FormCheck | undefined;
};

const NONE: FieldErrors = {};

/** Returns no errors when the check can't be loaded, because the server validates everything again. */
async function runCheck(check: FormCheck | undefined, form: FormData): Promise<FieldErrors> {
  try {
    return (await check?.(form)) ?? NONE;
  } catch {
    return NONE;
  }
}

function without(errors: FieldErrors, field: string): FieldErrors {
  const { [field]: _, ...others } = errors;
  return others;
}

/**
 * Keeps the error of each field. Validation starts with the first submit. From then on a field is checked on blur,
 * and an invalid one at every change. A server error disappears when its value changes.
 */
export function useFieldErrors({ formRef, answer, check }: Options) {
  const serverErrors = answer.status === "failed" ? (answer.fieldErrors ?? NONE) : undefined;
  const [local, setLocal] = useState({ answer, errors: NONE, wasSubmitted: false });
  const [failedSubmits, setFailedSubmits] = useState(0);
  const isCurrent = local.answer === answer;
  const errors = isCurrent ? local.errors : (serverErrors ?? NONE);
  const wasSubmitted = (isCurrent && local.wasSubmitted) || serverErrors !== undefined;
  useEffect(() => {
    const form = formRef.current;
    if (!form || !wasSubmitted) return;
    const validateAgain = async (name: string, type: string) => {
      const wasInvalid = name in errors;
      if (!name || (type === "input" && !wasInvalid)) return;
      const { [name]: error } = await runCheck(check, new FormData(form));
      if (error) setLocal({ answer, errors: { ...errors, [name]: error }, wasSubmitted });
      else if (wasInvalid && type === "input")
        setLocal({ answer, errors: without(errors, name), wasSubmitted });
    };
    const onEvent = ({ type, target }: Event) => {
      const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
      if (isField && target.form === form) void validateAgain(target.name, type);
    };
    // On the window, because those listeners run after React's. Otherwise React would re-render a controlled
    // field with its old value in between, and the last character would be lost.
    window.addEventListener("input", onEvent);
    window.addEventListener("focusout", onEvent);
    return () => {
      window.removeEventListener("input", onEvent);
      window.removeEventListener("focusout", onEvent);
    };
  }, [formRef, wasSubmitted, answer, errors, check]);
  useEffect(() => {
    // Loads the check while the user begins to type, so that submitting doesn't wait.
    const form = formRef.current;
    const preload = () => void runCheck(check, new FormData());
    form?.addEventListener("focusin", preload, { once: true });
    return () => form?.removeEventListener("focusin", preload);
  }, [formRef, check]);
  const showErrors = async (form: FormData): Promise<readonly string[]> => {
    const errorsNow = await runCheck(check, form);
    setLocal({ answer, errors: errorsNow, wasSubmitted: true });
    return Object.keys(errorsNow);
  };
  const focusFirstError = () => setFailedSubmits((count) => count + 1);
  return {
    errors,
    /** Counts the submits that failed validation in the browser. */
    failedSubmits,
    focusFirstError,
    /** Shows the errors, and returns the names of the invalid fields. */
    showErrors,
    /** Returns whether the form may be sent. If not, the first error gets the focus. */
    async validate(form: FormData): Promise<boolean> {
      const isValid = (await showErrors(form)).length === 0;
      if (!isValid) focusFirstError();
      return isValid;
    },
  };
}
