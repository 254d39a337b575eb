import antfu from '@antfu/eslint-config'

export default antfu(
  {
    typescript: true,
    vue: true,
    markdown: false,
    // A fifth of the time for rules about tags, of which docstrings in TypeScript have few.
    jsdoc: false,
    ignores: [
      '**/generated/**',
      'migrations/**',
      'docs/api/**',
      'web/dist/**',
      'data/**',
      'server/test/filled/**',
      '**/*.d.ts',
    ],
  },
  {
    rules: {
      'no-console': 'error',
      // A TypeBox schema and its static type share one name.
      'ts/no-redeclare': 'off',
      'antfu/no-top-level-await': 'off',
      'test/no-only-tests': 'error',
      'node/prefer-global/process': 'off',
      'node/prefer-global/buffer': 'off',
      'antfu/top-level-function': 'off',
      'antfu/if-newline': 'off',
      'style/max-statements-per-line': 'off',
      'ts/no-use-before-define': [
        'error',
        { functions: false, variables: false, classes: false },
      ],
      'unicorn/consistent-function-scoping': 'off',
    },
  },
  {
    // The compiler says so too (`noUnusedLocals`), and these took a sixth of the time.
    files: ['**/*.{ts,vue}'],
    rules: {
      'unused-imports/no-unused-imports': 'off',
      'unused-imports/no-unused-vars': 'off',
      'regexp/confusing-quantifier': 'off',
    },
  },
  {
    // What is decided goes by the deployment's clock, and what takes a time is measured by the monotonic one.
    files: ['server/src/**/*.ts'],
    ignores: [
      'server/src/db/clock.ts',
      '**/*.test.ts',
      '**/*.fixture.ts',
      '**/*.contract.ts',
    ],
    rules: {
      'no-restricted-syntax': [
        'error',
        // As everywhere.
        'TSEnumDeclaration[const=true]',
        'TSExportAssignment',
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0], MemberExpression[object.name="Date"][property.name="now"]',
          message: 'Ask `deps.clock`; measure durations with `performance.now()`.',
        },
        {
          selector: 'TemplateElement[value.raw=/\\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp)\\s*\\(|\\bcurrent_(?:timestamp|date|time)\\b/i]',
          message: 'Give the statement the time of `deps.clock` as a value.',
        },
      ],
    },
  },
  {
    // What one part of the page asks, the others share: it is loaded again by what the last of them said.
    files: ['web/src/**/*.{ts,vue}'],
    rules: {
      'no-restricted-syntax': [
        'error',
        'TSEnumDeclaration[const=true]',
        'TSExportAssignment',
        {
          selector: 'CallExpression[callee.name=/^use(?:Infinite)?Query$/] > ObjectExpression > Property[key.name="key"][value.type=/Function/]',
          message: 'A query belongs to its key. Give a function of both, `useQuery(() => …)`, and hold fast in it what the query asks for.',
        },
        {
          selector: 'CallExpression[callee.name=/^use(?:Infinite)?Query$/] Property[key.name="query"][value.type=/Function/] :matches(CallExpression[callee.name="toValue"], MemberExpression[property.name="value"])',
          message: 'A query belongs to its key. Read what it asks for where the key is made: it may be another by the time it is loaded again.',
        },
      ],
    },
  },
  {
    files: [
      'scripts/**',
      'server/bench/**',
      'server/acceptance/**',
      'web/e2e/**',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.{test,soak,e2e,contract}.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        'TSEnumDeclaration[const=true]',
        'TSExportAssignment',
        {
          selector: 'CallExpression[callee.object.name="vi"][callee.property.name=/^wait/]',
          message: 'Its limit is a second. Use expect.poll: its limit no slow machine reaches.',
        },
      ],
    },
  },
  {
    // To YAML 1.1, which compose 1.29 reads, a bare `no` or `off` is a boolean.
    files: ['docker-compose.yml'],
    rules: { 'yaml/plain-scalar': 'off' },
  },
)
