"use client";

import { type RefObject, useEffect, useState } from "react";
import type { ActionState } from "@/lib/action-state";
import type { FieldErrors, FormCheck } from "@/lib/actions/field-errors";

type Options = {
  readonly formRef: RefObject<HTMLFormElement | null>;
  /** The last answer; another object for each. */
  readonly answer: ActionState<unknown>;
  readonly check: FormCheck | undefined;
};

const NONE: FieldErrors = {};

/** A check that can't be loaded finds nothing: the server looks at everything again anyway. */
async function look(check: FormCheck | undefined, form: FormData): Promise<FieldErrors> {
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
 * What is wrong with each field. Nothing is said before the first try; after it a field is looked at when it
 * is left, and while one is wrong, at every change. An error that only the server knows of goes with the
 * value that it was about.
 */
export function useFieldErrors({ formRef, answer, check }: Options) {
  const told = answer.status === "failed" ? (answer.fieldErrors ?? NONE) : undefined;
  const [held, setHeld] = useState({ answer, errors: NONE, isTried: false });
  const [refusals, setRefusals] = useState(0);
  const isHeld = held.answer === answer;
  const errors = isHeld ? held.errors : (told ?? NONE);
  const isTried = (isHeld && held.isTried) || told !== undefined;
  useEffect(() => {
    const form = formRef.current;
    if (!form || !isTried) return;
    const lookAgain = async (name: string, type: string) => {
      const isWrong = name in errors;
      if (!name || (type === "input" && !isWrong)) return;
      const { [name]: now } = await look(check, new FormData(form));
      if (now) setHeld({ answer, errors: { ...errors, [name]: now }, isTried });
      else if (isWrong && type === "input") setHeld({ answer, errors: without(errors, name), isTried });
    };
    const onEvent = ({ type, target }: Event) => {
      const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
      if (isField && target.form === form) void lookAgain(target.name, type);
    };
    // At the window, where an event comes after React has heard it: a field that React holds would be rendered with
    // its old value in between, and lose the character that was just typed.
    window.addEventListener("input", onEvent);
    window.addEventListener("focusout", onEvent);
    return () => {
      window.removeEventListener("input", onEvent);
      window.removeEventListener("focusout", onEvent);
    };
  }, [formRef, isTried, answer, errors, check]);
  useEffect(() => {
    // Loads it while somebody begins to type, so that a try needn't wait.
    const form = formRef.current;
    const warmUp = () => void look(check, new FormData());
    form?.addEventListener("focusin", warmUp, { once: true });
    return () => form?.removeEventListener("focusin", warmUp);
  }, [formRef, check]);
  const tellWrong = async (form: FormData): Promise<readonly string[]> => {
    const wrong = await look(check, form);
    setHeld({ answer, errors: wrong, isTried: true });
    return Object.keys(wrong);
  };
  const refuse = () => setRefusals((count) => count + 1);
  return {
    errors,
    /** Counts the tries that ended in the browser. */
    refusals,
    refuse,
    /** @returns the names of the fields that are wrong */
    tellWrong,
    /** Whether the form may be sent; if not, its fields say why. */
    async admit(form: FormData): Promise<boolean> {
      const isRight = (await tellWrong(form)).length === 0;
      if (!isRight) refuse();
      return isRight;
    },
  };
}
