/** Where the portal's fixed pages live, so that pages and routes can't disagree. */
export const paths = {
  start: '/',
  recover: '/recover',
  change: '/change',
  signIn: '/sign-in',
  signOut: '/sign-out',
  safety: '/safety',
  addWay: '/ways/add',
  practice: '/practice',
  demo: '/demo',
  demoInbox: '/demo/inbox',
} as const;
