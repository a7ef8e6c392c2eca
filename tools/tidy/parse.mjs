// Reading TypeScript: one parse a text, and walks over it.
import ts from 'typescript'

const parsed = new Map()

/** The syntax tree of a text; parents are set. */
export function parse(path, text) {
  const known = parsed.get(path)
  if (known !== undefined && known.text === text) return known
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
  parsed.set(path, tree)
  return tree
}

/** Calls `visit` on every node below `node`, parents first; `false` as result leaves out what is below. */
export function walk(node, visit) {
  ts.forEachChild(node, (child) => {
    if (visit(child) !== false) walk(child, visit)
  })
}

export function lineOf(tree, node) {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1
}

/** Every module that a file names, in import, export from and import(), with the names taken from it; `*` for all. */
export function importsOf(path, text) {
  const tree = parse(path, text)
  const found = []
  walk(tree, (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      found.push({
        specifier: node.moduleSpecifier.text,
        line: lineOf(tree, node),
        names: namesIn(node),
        isExport: ts.isExportDeclaration(node),
      })
    } else if (
      ts.isCallExpression(node) &&
      node.expression.kind === ts.SyntaxKind.ImportKeyword &&
      ts.isStringLiteralLike(node.arguments[0])
    ) {
      found.push({ specifier: node.arguments[0].text, line: lineOf(tree, node), names: ['*'], isExport: false })
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      found.push({ specifier: node.argument.literal.text, line: lineOf(tree, node), names: ['*'], isExport: false })
    }
    return true
  })
  return found
}

function namesIn(node) {
  if (ts.isExportDeclaration(node)) {
    if (node.exportClause === undefined || ts.isNamespaceExport(node.exportClause)) return ['*']
    return node.exportClause.elements.map((element) => (element.propertyName ?? element.name).text)
  }
  const clause = node.importClause
  if (clause === undefined) return []
  const names = clause.name === undefined ? [] : ['default']
  const bindings = clause.namedBindings
  if (bindings === undefined) return names
  if (ts.isNamespaceImport(bindings)) return ['*']
  return [...names, ...bindings.elements.map((element) => (element.propertyName ?? element.name).text)]
}

/** Names that a file declares and exports, each with its line and whether it is only a type. */
export function exportsOf(path, text) {
  const tree = parse(path, text)
  const found = []
  for (const statement of tree.statements) {
    if (ts.isExportDeclaration(statement) && statement.moduleSpecifier === undefined && statement.exportClause !== undefined) {
      for (const element of statement.exportClause.elements)
        found.push({ name: element.name.text, line: lineOf(tree, element), isType: false })
    }
    if (!statement.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)) continue
    if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) {
        if (ts.isIdentifier(declaration.name)) found.push({ name: declaration.name.text, line: lineOf(tree, declaration), isType: false })
      }
    } else if (statement.name !== undefined) {
      const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)
      found.push({ name: statement.name.text, line: lineOf(tree, statement), isType })
    }
  }
  return found
}

export function isLoop(node) {
  return (
    ts.isForStatement(node) || ts.isForOfStatement(node) || ts.isForInStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)
  )
}

/** A function with a body, also a method, an accessor or a constructor. */
export function isFunction(node) {
  return ts.isFunctionLike(node) && node.body !== undefined
}

/** The name of a function as its reader would say it. */
export function nameOf(node) {
  if (ts.isConstructorDeclaration(node)) return 'constructor'
  if (node.name !== undefined) return node.name.getText()
  if (ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent)) return node.parent.name.getText()
  return '(anonymous)'
}
