namespace Sasl.Benchmarks;

/// <summary>What <see cref="Scaling"/> has measured; curves of one title belong into one plot.</summary>
internal sealed record ScalingFigures(params Curve[] Curves);

/// <summary>One line of a plot.</summary>
/// <param name="Plot">What is plotted.</param>
/// <param name="Axis">What it depends on.</param>
/// <param name="Name">Which line of the plot it is.</param>
/// <param name="Points">The points, from left to right.</param>
internal sealed record Curve(string Plot, string Axis, string Name, Point[] Points);

/// <summary>One point.</summary>
internal sealed record Point(double X, double Y);
