"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, startTransition, useActionState, useEffect, useRef } from "react";
import { type ActionState, IDLE, type Message } from "@/lib/action-state";

type Action<Data> = (previous: ActionState<Data>, form: FormData) => Promise<ActionState<Data>>;

/** The answer of a form whose server could not be reached: what was typed stays. */
const NETWORK_FAILURE = { status: "failed", message: { key: "error.network" } } as const;

function focusFirstWrong(form: HTMLFormElement | null): void {
  const wrong = form?.querySelector<HTMLElement>("[aria-invalid=true]");
  (wrong ?? form?.querySelector<HTMLElement>("[data-form-alert]"))?.focus();
}

/** Says a message by its key, in the person's language. */
export function useSay(): (message: Message | undefined) => string | undefined {
  const t = useTranslations();
  return (message) => (message ? t(message.key as never, message.values as never) : undefined);
}

/**
 * A form over a server action. Unlike `<form action>` it keeps what was typed when the action refuses, and
 * it leads the focus to the first wrong field.
 *
 * @param onDone runs once for each success
 */
export function useActionForm<Data>(action: Action<Data>, onDone?: (data: Data) => void) {
  const say = useSay();
  const formRef = useRef<HTMLFormElement>(null);
  const [state, dispatch, isPending] = useActionState(
    async (previous: ActionState<Data>, form: FormData): Promise<ActionState<Data>> => {
      try {
        return await action(previous, form);
      } catch (error) {
        // A redirect is thrown through here too, with a digest; what has none is a broken connection.
        if (error instanceof TypeError) return NETWORK_FAILURE;
        throw error;
      }
    },
    IDLE as ActionState<Data>,
  );
  const done = useRef(onDone);
  useEffect(() => {
    done.current = onDone;
  });
  useEffect(() => {
    if (state.status === "failed") focusFirstWrong(formRef.current);
    if (state.status === "done") done.current?.(state.data);
  }, [state]);
  const submit = (form: FormData) => startTransition(() => dispatch(form));
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // The button that was pressed may have a value of its own, and belongs to what is sent.
    const { submitter } = event.nativeEvent as SubmitEvent;
    submit(new FormData(event.currentTarget, submitter));
  };
  const failed = state.status === "failed" ? state : undefined;
  return {
    formRef,
    onSubmit,
    submit,
    isPending,
    state,
    alert: say(failed?.message),
    needsPassword: failed?.needsPassword ?? false,
    errorOf: (field: string) => say(failed?.fieldErrors?.[field]),
  };
}
