import type { Starters } from './policies.placeholders.ts'
import { placeholder } from './policies.placeholders.ts'

const whom = {
  'self-hosted': `{{organisation}}, {{address}}, runs the deployment {{instance}} of the software ClientShare at {{public-url}} for its own work. We decide what
it is used for, we have it under our own control, and we are responsible for the personal data in it (the controller).

This policy is about that one deployment: about people who have an account here or are invited to one, about those who open a secure link, a
page or a form of ours, and about anybody who is named in what is kept here.

It does not cover what others do with files once they have received them, websites that we link to, or deployments of the same software
that other organisations run. Those who make the software do not run ours and receive nothing from it.`,
  'hosted': `{{organisation}}, {{address}}, offers {{instance}} at {{public-url}} as a service to other organisations, our customers. This policy is about that service:
its public pages and forms, accounts, the workspaces that we keep for customers, and the people who open a secure link in it.

We have two roles in it. For accounts, sign-ins, questions to us, security and, where there are any, payments, we decide why and how data are
used: we are the controller. What a customer’s people keep in their workspace – files, their names, the people in them – we process for that
customer and on its instructions. The customer answers for it: whoever has a question about it asks the customer first, and we help.

It does not cover deployments of the same software that customers or others run on servers of their own: there, whoever runs it is
responsible, and we receive nothing from it. Nor does it cover what others do with files once they have received them, or websites that we link to.`,
}

const covered = {
  'self-hosted': 'Everybody who uses this one deployment or is named in it. We run it ourselves, and we alone answer for it.',
  'hosted': 'Everybody who uses the service that we run; not deployments that customers or others run on their own servers.',
}

export const englishPrivacy: Starters['privacy'] = mode => ({
  title: 'Privacy policy',
  highlights: [
    { title: 'Whom this covers', sentence: covered[mode] },
    { title: 'How we protect it', sentence: 'People see what their role or their link gives them, passwords cannot be read back, and what happens to files is written down.' },
    { title: 'Your questions', sentence: 'You may see, correct, take with you or have deleted what we hold about you. This page says how.' },
  ],
  markdown: `> ${placeholder('Read every line, change what is not so with you, and remove this note')}
> This text is a starting point, not legal advice. It says what the software does and what you have answered. What you do with it, why you
> may, and what your law asks for, only you know: have it checked if you can.

## Whom this covers

${whom[mode]}

Questions about this policy: {{contact}}

${placeholder('Data protection officer or representative, with their address, if you have one; else remove this line')}

## What we collect

We collect what the service needs in order to work, and what you give us. Most of it comes from you; some comes from whoever invites you, shares
something with you or names you in a file.

### Contact and account details

Your name, your e-mail address, your language and, if you choose one, a picture. How you prove that it is you: a password, of which only a hash is kept,
second factors if you set them up, or another provider’s word for you.

::sign-in

When you write to us, we have what you write: your name, your address, your company if you give it, your message, and our answers.

### Workspaces, files and what happens to them

The files that you and others put here, with all their versions. Their names, sizes, types, checksums and dates; the names of workspaces and folders; the
addresses of portals and secure links, with their settings. Who belongs to which workspace, in which role and with which permissions, and who invited
whom. We keep and hand out what the files contain; we do not evaluate it.

What is done here becomes an event in a log: who did what with what and when, and from which IP address and browser. This includes each opening of a secure
link, each download by it and each attempt that was refused.

### Technical data

With every request your browser or program tells us your IP address, what kind of browser and device it is, the time, and what it asks for. Sessions and failed
attempts to sign in are recorded with it. The server’s own log has the time, the IP address, the kind of request and its result, and no secrets of
links; we keep it for ${placeholder('How long the output of the server is kept')}.

These cookies, and this storage in your browser, are used:

::cookies

### Payments

::plans

### All of it, by kind

::personal-data

## How we use it

- To provide the service: keep files, hand them out to those who may have them, resume what was broken off.
- To maintain and improve it: find faults, make it faster, see what is used up.
- To manage workspaces, people, roles, secure links and notifications, as members and administrators set them.
- To answer you when you ask, and to help when something does not work.
- To keep it safe: notice and prevent abuse, slow down guessing, find out what happened, and prove what was delivered to whom.
- To do what the law asks of us, and to enforce our terms.
- To write to you: what you have to know about your account, its security and the service; bills, where there are any; what happens in your workspaces, as
  you choose; news of a launch or of the product only if you have agreed to that kind of news.

No decision about you is made by a machine alone, and nothing here is used for advertising.

### Why we may

${placeholder('Check these legal bases, which follow the GDPR, against your own situation and law')}

- Accounts, workspaces, files and links: a contract with you, or our legitimate interest in working with the organisation that you act for
  (Art. 6 (1) (b) and (f) GDPR).
- Questions, and requests for access: steps that you ask for before a contract, or our legitimate interest in answering you (Art. 6 (1) (b) and (f)).
- Sessions, the log of events, failed attempts: our legitimate interest in a secure service and in proof, and our duty to keep data secure
  (Art. 6 (1) (f) and Art. 32).
- What the law makes us keep or tell: a legal obligation (Art. 6 (1) (c)).
- News, and whatever else you agree to: your consent, which you may withdraw at any time (Art. 6 (1) (a)).

### Counting visits

::analytics

## How we share it

We do not sell personal data, and we do not rent it out.

**Within the service.** Members of a workspace see what their role lets them see, and who did it. Its owners and administrators can read the workspace’s
log of events. Whoever holds a secure link sees what it shares. Those of us who run the service have technical access to what it keeps, and use it only for that.

**With vendors.** Others process data for us where we say so, for example for hosting, e-mail, analytics, payments or backups: under a contract, on our instructions,
and only as far as their task needs it.

::subprocessors

What the server itself sends elsewhere:

::elsewhere

**For law and protection.** We disclose data if a law, a court or an authority obliges us to, and where it is needed to protect people, rights or the
service. Where we may, we tell those concerned first.

**If the organisation changes.** In a financing, a merger, a sale or an insolvency, data may pass to those involved, as far as it is needed and under this
policy. We tell you before another becomes responsible for them.

${placeholder('Whether data leave your country or the EEA, to where, and what protects them there (for example standard contractual clauses); else remove this line')}

## How long we keep it

Each kind of data has its time. The server deletes it by itself when that is over:

::retention

**Trash and workspaces.** What is deleted goes to the trash, where it can be restored; how long it stays there: {{retention.trash}}. After that, or when somebody deletes it for ever, the
file is gone from the service. While a workspace exists, its files stay for as long as its members want; when it is deleted, they go too.

**Backups.**

::backups

**Contract and law.** We keep some data longer where a law says so, for example for accounts and taxes, where a contract obliges us to, or until a dispute is
settled; then only what is needed for that.

## How we protect it

- Each person has the rights of their role, folder by folder; a secure link can have a password, an end and a limit of downloads.
- Passwords are kept as Argon2id hashes; the secrets of sessions and tokens as hashes; what has to be readable again, encrypted.
- You can set up a second factor. A session ends when it was not used for {{session.idle}}. You see your sessions in your account and can end each of them.
- Pages of the service run scripts from this server alone, and from where visits are counted, if such a place is named above.
- What is done is kept in a log whose lines are chained to one another, so that a later change shows.

No service is safe against everything. If something happens to your data that puts you at risk, we tell you and the authorities as the law asks. If you find a weakness, please
tell us.

## Your choices and rights

**See and correct.** You change your name, your address, your picture and your language in your account. For anything else that we hold about you, ask us.

**Take with you and delete.** You may ask for a copy of your data in a form that programs can read, and for their deletion. Some we must keep as proof or by law; we
then say which, and why.

**What administrators decide.** Who belongs to a workspace, what it shares and what is deleted in it, its owners and administrators decide. About what a workspace
contains, ask them first.

**Mails.** You choose in your account what you are notified of, and each mail that is not necessary has a link to end its kind. Mails about your account’s security and
the service itself cannot be ended while you have an account.

**Object and withdraw.** You may object to a use that rests on our interests, have it restricted, and withdraw a consent for the future.

**How to ask.** We answer within a month, and may ask for a proof of who you are.

::contact

**Where to complain.** You may turn to a data protection authority where you live, or to the one that is responsible for us: {{authority}}. We are subject to this law: {{jurisdiction}}.

## Changes to this policy

The day from which this version is in effect stands at the top, and earlier versions stay readable below it. When we change something that matters to you, we tell members of it
before it takes effect or as it does, and say in a sentence what is new.
`,
})
