/* eslint-disable style/no-tabs -- a Caddyfile is indented by them */
// Writes docker/web-app.caddy, what the bundled proxy answers itself, from the server's own rules; with --check only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { AMBIGUOUS_ADDRESS } from '../server/src/http/paths.ts'
import { SECURITY_HEADERS, STRICT_TRANSPORT_SECURITY } from '../server/src/http/security-headers.ts'
import { WEB_APP } from '../server/src/http/web-app.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
export const CADDY_RULES = 'docker/web-app.caddy'

/** What is compressed loses its name, and Go does not know fonts. */
const TYPES = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json',
  woff2: 'font/woff2',
}

/** For `path_regexp`: Caddy's paths begin with a slash. */
const path = (pattern: RegExp) => quote(pattern.source.replaceAll(/(?<!\[)\^/g, '^/').replaceAll('\\/', '/'))
const value = (pattern: RegExp) => quote(pattern.source.replaceAll('\\/', '/'))
const quote = (text: string) => `\`${text}\``

export function renderCaddyRules(): string {
  return `# Written by scripts/caddy-rules.ts from server/src/http/{paths,security-headers,web-app}.ts: change it there.

(security-headers) {
${Object.entries(SECURITY_HEADERS).map(([name, text]) => `	header ${name} ${quote(text.replace('connect-src \'self\'', 'connect-src \'self\'{http.vars.analytics}'))}`).join('\n')}
	@https expression \`{env.PUBLIC_URL}.startsWith("https://") || ({env.PUBLIC_URL} == "" && {env.DOMAIN} != "")\`
	header @https strict-transport-security ${quote(STRICT_TRANSPORT_SECURITY)}
}

# Not by Caddy's own option for compressed files: it answers 206 to those who asked for all of it (2.10.2, caddyserver/caddy#7250).
(web-app-file) {
	route {
		import security-headers
		header {
			defer
			vary accept-encoding
		}
${Object.entries(TYPES).map(([extension, type]) => `		@${extension} path *.${extension}
		header @${extension} content-type ${quote(type)}`).join('\n')}
		@br {
			header_regexp Accept-Encoding ${value(/\bbr\b/)}
			file {path}.br
		}
		header @br content-encoding br
		rewrite @br {path}.br
		@gz {
			header_regexp Accept-Encoding ${value(/\bgzip\b/)}
			file {path}.gz
		}
		header @gz content-encoding gzip
		rewrite @gz {path}.gz
		file_server
	}
}

(web-app-page) {
	@unlisted path_regexp ${path(WEB_APP.unlisted)}
	header @unlisted x-robots-tag noindex
	# Whose visits may be counted (ANALYTICS) may tell of them.
	@counted {
		path_regexp ${path(WEB_APP.counted)}
		expression \`"{$ANALYTICS_URL}" != ""\`
	}
	vars @counted analytics " {$ANALYTICS_URL}"
	header cache-control ${quote(WEB_APP.revalidate)}
	@staff not path_regexp ${path(WEB_APP.visitor)}
	rewrite @staff /index.html
	@visitor path_regexp ${path(WEB_APP.visitor)}
	rewrite @visitor /visitor.html
	import web-app-file
}

# The files of the web app, and for every address that is a page of it index.html or, to visitors, visitor.html.
(web-app) {
	# What is ambiguous is for the server to refuse.
	@plain not expression \`{http.request.orig_uri}.matches(r"(?i)${AMBIGUOUS_ADDRESS.source.replaceAll('\\/', '/')}")\`
	handle @plain {
		import web-app-plain
	}
}

(web-app-plain) {
	@hashed {
		method GET HEAD
		path_regexp ${path(WEB_APP.hashed)}
		not path_regexp ${path(WEB_APP.hidden)}
		not path_regexp ${path(WEB_APP.html)}
		file {path}
	}
	handle @hashed {
		header cache-control ${quote(WEB_APP.immutable)}
		import web-app-file
	}
	@file {
		method GET HEAD
		not path_regexp ${path(WEB_APP.hidden)}
		not path_regexp ${path(WEB_APP.html)}
		file {path}
	}
	handle @file {
		header cache-control ${quote(WEB_APP.revalidate)}
		import web-app-file
	}
	@page {
		method GET HEAD
		not path_regexp ${path(WEB_APP.reserved)}
		header_regexp Accept ${value(WEB_APP.asksForPage)}
	}
	handle @page {
		import web-app-page
	}
	# Without the header, anything is asked for.
	@anything {
		method GET HEAD
		not path_regexp ${path(WEB_APP.reserved)}
		not path_regexp ${path(WEB_APP.extension)}
		not {
			header Accept *
			not header_regexp Accept ${value(WEB_APP.asksForAnything)}
		}
	}
	handle @anything {
		import web-app-page
	}
}
`
}

if (import.meta.main) {
  const file = join(root, CADDY_RULES)
  const stale = !existsSync(file) || readFileSync(file, 'utf8') !== renderCaddyRules()
  if (!process.argv.includes('--check')) writeFileSync(file, renderCaddyRules())
  else if (stale) console.error(`Not what the server’s rules say: ${CADDY_RULES}. Run: node scripts/caddy-rules.ts`)
  process.exitCode = stale && process.argv.includes('--check')
    ? 1
    : 0
}
