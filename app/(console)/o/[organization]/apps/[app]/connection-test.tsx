"use client";

import { Button, Menu } from "@mantine/core";
import { useTranslations } from "next-intl";
import { createContext, type ReactNode, useContext } from "react";
import { FormAlert } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { ConnectionTestResult } from "@/app/_components/status/connection-test-result";
import type { ConnectionTest } from "@/lib/dingtalk-apps/schema";
import { retestAppAction } from "./settings/actions";

type Form = ReturnType<typeof useActionForm<{ readonly test: ConnectionTest }>>;
type Test = { readonly form: Form; readonly run: () => void };

const TestContext = createContext<Test | null>(null);

function useTest(): Test {
  const test = useContext(TestContext);
  if (!test) throw new Error("useTest requires a ConnectionTestProvider");
  return test;
}

type Props = { readonly organization: string; readonly app: string; readonly children: ReactNode };

/** Shares one connection test between the menu, the button and the result. */
export function ConnectionTestProvider({ organization, app, children }: Props) {
  const form = useActionForm(retestAppAction.bind(null, organization));
  const run = () => {
    if (form.isPending) return;
    const data = new FormData();
    data.set("app", app);
    form.submit(data);
  };
  // oxlint-disable-next-line react/jsx-no-constructed-context-values -- a new form state must re-render the consumers
  return <TestContext value={{ form, run }}>{children}</TestContext>;
}

/** Tests the app with its stored secret. A passed test activates the app. */
export function TestButton({ isPrimary }: { readonly isPrimary: boolean }) {
  const t = useTranslations("app");
  const { form, run } = useTest();
  return (
    <Button variant={isPrimary ? "filled" : "default"} aria-disabled={form.isPending} onClick={run}>
      {form.isPending ? t("testing") : t("test")}
    </Button>
  );
}

export function TestMenuItem() {
  const t = useTranslations("app");
  const { run } = useTest();
  return <Menu.Item onClick={run}>{t("test")}</Menu.Item>;
}

/** The result of the last test, or its progress. */
export function ConnectionTestOutcome() {
  const { isPending, alert, state } = useTest().form;
  const test = !isPending && state.status === "done" ? state.data.test : null;
  return (
    <>
      <FormAlert sentence={alert} />
      {(isPending || test) && <ConnectionTestResult test={test} isStale={false} />}
    </>
  );
}
