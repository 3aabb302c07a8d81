"use client";

import { AppShell, Burger } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Link } from "../navigation/link";
import { PaletteButton, usePalette } from "../palette/palette-button";
import { PreferenceButtons } from "../preferences/preference-buttons";
import { ORGANIZATION_COOKIE, setPreferenceCookie } from "../preferences/preference-cookies";
import { PreferenceMenus } from "../preferences/preference-menus";
import { AccountMenu } from "./account-menu";
import { Breadcrumbs } from "./breadcrumbs";
import classes from "./console-frame.module.css";
import type { ConsoleOrganization, ConsoleUser } from "./frame-types";
import { NavLinks } from "./nav-links";
import { OrganizationMenu } from "./organization-menu";
import { PageTitleProvider } from "./page-title";

type Props = {
  readonly organization: ConsoleOrganization | undefined;
  readonly user: ConsoleUser;
  readonly isApple: boolean;
  readonly bell: ReactNode;
  readonly banner: ReactNode;
  readonly children: ReactNode;
};

/** From this width on, the navigation is beside the page. */
const WIDE = "(min-width: 64em)";

/** State of the navigation drawer. Navigation, Escape and a wide window close it. */
function useDrawer() {
  const path = usePathname();
  const isWide = useMediaQuery(WIDE);
  const burger = useRef<HTMLButtonElement>(null);
  const [openedAt, setOpenedAt] = useState<string | null>(null);
  const isOpen = openedAt === path && !isWide;
  const onKeyDown = ({ key, target }: KeyboardEvent) => {
    // Escape in a menu inside the drawer closes only the menu.
    if (!isOpen || key !== "Escape" || (target as Element).closest("[role=menu]")) return;
    setOpenedAt(null);
    burger.current?.focus();
  };
  return { isOpen, burger, onKeyDown, toggle: () => setOpenedAt(isOpen ? null : path) };
}

/** Header, navigation (a drawer below 1024 px) and page. */
export function ConsoleFrame({ organization, user, isApple, bell, banner, children }: Props) {
  const t = useTranslations("nav");
  const { isOpen, burger, onKeyDown, toggle } = useDrawer();
  const palette = usePalette(organization, user);
  const publicId = organization?.publicId;
  useEffect(() => {
    if (publicId) setPreferenceCookie(ORGANIZATION_COOKIE, publicId);
  }, [publicId]);
  const search = <PaletteButton onOpen={palette.open} isApple={isApple} />;
  return (
    <PageTitleProvider>
      <AppShell
        header={{ height: 56 }}
        navbar={{ width: 240, breakpoint: "md", collapsed: { mobile: !isOpen } }}
        padding={{ base: "md", md: "lg" }}
        classNames={{ main: classes.main, navbar: classes.navbar, header: classes.header }}
      >
        <AppShell.Header onKeyDown={onKeyDown}>
          <Burger
            ref={burger}
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
          <Breadcrumbs organization={organization} />
          <div className={classes.tools}>
            <div className={classes.wideOnly}>
              {search}
              <PreferenceMenus />
            </div>
            {bell}
            <AccountMenu user={user} />
          </div>
        </AppShell.Header>
        <AppShell.Navbar
          p="sm"
          aria-label={t("main")}
          data-closed={!isOpen || undefined}
          onKeyDown={onKeyDown}
        >
          <div className={classes.narrowOnly}>{search}</div>
          <OrganizationMenu organization={organization} user={user} />
          {organization && <NavLinks organization={organization} />}
          <div className={classes.foot}>{isOpen && <PreferenceButtons />}</div>
        </AppShell.Navbar>
        <AppShell.Main id="main" tabIndex={-1} inert={isOpen}>
          <div className={classes.column}>
            {banner}
            {children}
          </div>
        </AppShell.Main>
      </AppShell>
      {palette.element}
    </PageTitleProvider>
  );
}
