"use client";

import { AppShell, Burger, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useRef } from "react";
import classes from "./console-frame.module.css";

type Props = { readonly navigation: ReactNode; readonly tools: ReactNode; readonly children: ReactNode };

/** Header, navigation (a drawer below 1024 px) and the page. Moves the focus to the page's heading on a new route. */
export function ConsoleFrame({ navigation, tools, children }: Props) {
  const t = useTranslations("nav");
  const [isOpen, { toggle, close }] = useDisclosure();
  const path = usePathname();
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    close();
    const heading = document.querySelector<HTMLElement>("main h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus();
  }, [path, close]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 240, breakpoint: "md", collapsed: { mobile: !isOpen } }}
      padding={{ base: "md", md: "lg" }}
      classNames={{ main: classes.main, navbar: classes.navbar, header: classes.header }}
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="md"
              size="sm"
              aria-label={isOpen ? t("close") : t("open")}
              aria-expanded={isOpen}
            />
            <Link href="/" className={classes.product}>
              Dingkeep
            </Link>
          </Group>
          <Group gap={4} wrap="nowrap">
            {tools}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={t("main")}>
        {navigation}
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <div className={classes.column}>{children}</div>
      </AppShell.Main>
    </AppShell>
  );
}
