# Derives the face mesh's triangles and contours from MediaPipe's list of edges, and fills the eye and mouth holes.
"""Usage: face_mesh_topology.py face_mesh_connections.py OUT.json

Left and right are the person's own. All triangles and closed contours run clockwise as seen in a picture (y down) of a
face from the front. Standard library only.
"""

import ast
import json
import sys


def read_edges(text):
    """Every FACEMESH_ list in the order of the source file; Python's own frozenset would lose that order."""
    edges = {}
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            arguments = statement.value.args
            if arguments and isinstance(arguments[0], ast.List) and isinstance(arguments[0].elts[0], ast.Tuple):
                edges[statement.targets[0].id] = ast.literal_eval(arguments[0])
    return edges


def read_triangles(edges):
    """The tessellation lists each triangle as three edges in a row."""
    triangles = []
    for (a, b), (c, d), (e, f) in zip(edges[0::3], edges[1::3], edges[2::3]):
        if not (b == c and d == e and f == a):
            sys.exit(f"face_mesh_topology: edges {(a, b)}, {(c, d)}, {(e, f)} do not close a triangle")
        triangles.append((a, b, d))
    return triangles


def directed(triangle):
    a, b, c = triangle
    return [(a, b), (b, c), (c, a)]


def oriented(triangles, first_edge):
    """Flips triangles until neighbours run through their common edge in opposite directions; `first_edge` is kept."""
    by_edge = {}
    for index, triangle in enumerate(triangles):
        for a, b in directed(triangle):
            by_edge.setdefault(frozenset((a, b)), []).append(index)
    (start,) = by_edge[frozenset(first_edge)]
    result = list(triangles)
    if first_edge not in directed(result[start]):
        result[start] = result[start][::-1]
    done, waiting = {start}, [start]
    while waiting:
        current = waiting.pop()
        for a, b in directed(result[current]):
            for other in by_edge[frozenset((a, b))]:
                if other == current:
                    continue
                if other not in done:
                    if (a, b) in directed(result[other]):
                        result[other] = result[other][::-1]
                    done.add(other)
                    waiting.append(other)
                elif (a, b) in directed(result[other]):
                    sys.exit("face_mesh_topology: the mesh cannot be wound consistently")
    if len(done) != len(triangles):
        sys.exit("face_mesh_topology: the mesh is not connected")
    return result


def border_loops(triangles):
    """Closed loops of edges that belong to one triangle only, in the direction of that triangle."""
    edges = {edge for triangle in triangles for edge in directed(triangle)}
    following = {a: b for a, b in edges if (b, a) not in edges}
    loops = []
    while following:
        start, point = next(iter(sorted(following.items())))
        loop = [start]
        del following[start]
        while point != start:
            loop.append(point)
            point = following.pop(point)
        loops.append(loop)
    return loops


def chains(edges):
    """Paths through a list of edges, each continued for as long as edges join end to end."""
    paths = []
    for a, b in edges:
        if paths and paths[-1][-1] == a:
            paths[-1].append(b)
        else:
            paths.append([a, b])
    return paths


def closed_contour(edges, start, then):
    """The loop through undirected edges that begins start, then."""
    neighbours = {}
    for a, b in edges:
        neighbours.setdefault(a, set()).add(b)
        neighbours.setdefault(b, set()).add(a)
    loop = [start, then]
    while True:
        (following,) = neighbours[loop[-1]] - {loop[-2]}
        if following == start:
            return loop
        loop.append(following)


def fill(contour):
    """A strip of clockwise triangles between the upper and the lower half of a clockwise contour of even length.

    The contour starts at its image-left corner; its image-right corner is half-way round."""
    half = len(contour) // 2
    upper, lower = contour[:half + 1], [contour[0], *reversed(contour[half:])]
    triangles = []
    for step in range(half):
        a, b, c, d = upper[step], upper[step + 1], lower[step + 1], lower[step]
        if step > 0:
            triangles.append((a, c, d))
        if step < half - 1:
            triangles.append((a, b, c))
    return triangles


def brow(edges, upper_first):
    """A closed contour of a brow's two lines: the upper one from image-left to right, the lower one back."""
    lines = chains(edges)
    if len(lines) != 2:
        sys.exit("face_mesh_topology: a brow should be two lines")
    upper = next(line for line in lines if upper_first in line)
    lower = next(line for line in lines if upper_first not in line)
    if upper[0] != upper_first:
        return upper[::-1] + lower
    return upper + lower[::-1]


def topology(text):
    """The whole description, as a dictionary ready for JSON."""
    edges = read_edges(text)
    oval = closed_contour(edges["FACEMESH_FACE_OVAL"], 10, 338)
    triangles = oriented(read_triangles(edges["FACEMESH_TESSELATION"]), (oval[0], oval[1]))
    lips = edges["FACEMESH_LIPS"]
    inner = set(next(loop for loop in border_loops(triangles) if 13 in loop))
    contours = {
        "oval": oval,
        "lipsOuter": closed_contour([edge for edge in lips if not inner & set(edge)], 61, 185),
        "lipsInner": closed_contour([edge for edge in lips if inner & set(edge)], 78, 191),
        "leftEye": closed_contour(edges["FACEMESH_LEFT_EYE"], 362, 398),
        "rightEye": closed_contour(edges["FACEMESH_RIGHT_EYE"], 33, 246),
        "leftBrow": brow(edges["FACEMESH_LEFT_EYEBROW"], 336),
        "rightBrow": brow(edges["FACEMESH_RIGHT_EYEBROW"], 70),
    }
    holes = {}
    for name, contour in (("leftEye", "leftEye"), ("rightEye", "rightEye"), ("mouth", "lipsInner")):
        first = len(triangles)
        triangles = triangles + fill(contours[contour])
        holes[name] = list(range(first, len(triangles)))
    check(triangles, oval)
    return {
        "points": 468,
        "winding": "clockwise in a picture (y down) of a face from the front; left and right are the person's own",
        "triangles": triangles,
        "holes": holes,
        **contours,
    }


def check(triangles, oval):
    """With the holes filled, the mesh is one consistently wound disc whose only border is the oval."""
    edges = [edge for triangle in triangles for edge in directed(triangle)]
    loops = border_loops(triangles)
    same_loop = len(loops) == 1 and set(loops[0]) == set(oval) and len(loops[0]) == len(oval)
    if len(edges) != len(set(edges)) or not same_loop or len(triangles) != 898:
        sys.exit("face_mesh_topology: the filled mesh is not one disc of 898 triangles bounded by the oval")
    if {point for triangle in triangles for point in triangle} != set(range(468)):
        sys.exit("face_mesh_topology: the triangles do not use the 468 points")


def dump(description):
    """JSON text with one list a line."""
    lines = []
    for key, value in description.items():
        lines.append(f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: face_mesh_topology.py face_mesh_connections.py OUT.json")
    with open(sys.argv[1], encoding="utf-8") as file:
        text = dump(topology(file.read()))
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
