//! A line chart that can be read without seeing it: conclusion first, values printed, the table beneath.
//!
//! Drawn on the server as SVG in a box of 352 × 240 units, a phone's width. What must hold: no point gives no chart and
//! one point no line; series differ by dash and marker, never by colour alone; printed values never overlap; numbers
//! that are not finite are not drawn.

use jiff::civil::Date;
use maud::{Markup, html};

use crate::{Lang, calendar};

const WIDTH: f64 = 352.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 330.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 202.0;
/// With more points than this only the newest, oldest, highest and lowest value are printed; the table has them all.
const ALL_PRINTED: usize = 8;
/// Height of one line of printed text, in units.
const LINE: f64 = 19.0;

/// What a chart shows.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Unique in the page: prefix of the ids inside.
    pub id: String,
    /// The conclusion in one sentence: the caption.
    pub conclusion: String,
    /// The drawing's name.
    pub title: String,
    /// The drawing in words, with its values.
    pub description: String,
    /// The lines; points in order of days.
    pub series: Vec<Series>,
    /// The usual range.
    pub band: Option<Band>,
    /// The scale from lowest to highest; chosen by the values where there is none.
    pub scale: Option<(f64, f64)>,
}

/// One line.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name; printed in the legend where there is more than one.
    pub name: String,
    /// Its points.
    pub points: Vec<Point>,
}

/// One point.
#[derive(Clone, Debug)]
pub struct Point {
    /// The day.
    pub day: Date,
    /// Where it stands.
    pub value: f64,
    /// What is printed beside it.
    pub text: String,
}

/// The usual range; an open end reaches the edge.
#[derive(Clone, Debug)]
pub struct Band {
    /// The lower end.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// What the legend says.
    pub text: String,
}

/// A point in the drawing's units.
#[derive(Clone, Copy)]
struct Spot {
    x: f64,
    y: f64,
}

/// Maps days and values to the drawing.
struct Scale {
    first: Date,
    days: f64,
    low: f64,
    high: f64,
}

impl Scale {
    fn of(chart: &Chart, points: &[&Point]) -> Option<Self> {
        let first = points.iter().map(|point| point.day).min()?;
        let last = points.iter().map(|point| point.day).max()?;
        let ends = chart.band.iter().flat_map(|band| [band.low, band.high]).flatten().filter(|end| end.is_finite());
        let all: Vec<f64> = points.iter().map(|point| point.value).chain(ends).collect();
        let (low, high) = chart.scale.unwrap_or_else(|| {
            let low = all.iter().copied().fold(f64::INFINITY, f64::min);
            let high = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let step = step(high - low, high.abs());
            let floor = ((low - step * 0.25) / step).floor() * step;
            (if low >= 0.0 { floor.max(0.0) } else { floor }, ((high + step * 0.25) / step).ceil() * step)
        });
        Some(Self { first, days: days(first, last), low, high })
    }

    fn spot(&self, day: Date, value: f64) -> Spot {
        Spot { x: self.x(day), y: self.y(value) }
    }

    fn x(&self, day: Date) -> f64 {
        if self.days <= 0.0 {
            return f64::midpoint(LEFT, RIGHT);
        }
        LEFT + 16.0 + days(self.first, day) / self.days * (RIGHT - LEFT - 32.0)
    }

    fn y(&self, value: f64) -> f64 {
        let share = if self.high > self.low { (value - self.low) / (self.high - self.low) } else { 0.5 };
        BOTTOM - share.clamp(0.0, 1.0) * (BOTTOM - TOP)
    }

    /// Values of the horizontal lines.
    fn ticks(&self) -> Vec<f64> {
        let step = step(self.high - self.low, self.high.abs());
        let mut ticks = Vec::new();
        let mut tick = (self.low / step).ceil() * step;
        while tick <= self.high + step * 0.01 && ticks.len() < 8 {
            ticks.push(tick);
            tick += step;
        }
        ticks
    }
}

/// Days from one date to another.
fn days(from: Date, to: Date) -> f64 {
    from.until(to).map_or(0.0, |span| f64::from(span.get_days()))
}

/// A round step that cuts `range` in two to five parts; by the size of the values where they are all the same.
fn step(range: f64, size: f64) -> f64 {
    let range = if range > 0.0 { range } else { (size * 0.2).max(1.0) };
    let rough = range / 4.0;
    let power = 10f64.powf(rough.log10().floor());
    let times = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|times| times * power >= rough).unwrap_or(10.0);
    times * power
}

/// A rectangle taken by printed text.
struct Taken {
    left: f64,
    right: f64,
    top: f64,
}

impl Taken {
    fn meets(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && (self.top - other.top).abs() < LINE
    }
}

/// The width of text in units: a full-width character takes a text's height, others somewhat more than half.
fn width(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 10.5 } else { 18.0 }).sum::<f64>() + 6.0
}

/// Printed values: newest, oldest, highest and lowest first, then those that still fit where there are few.
fn labels(scale: &Scale, series: &[Vec<&Point>]) -> Vec<(Spot, String)> {
    let mut taken: Vec<Taken> = Vec::new();
    let mut printed = Vec::new();
    for points in series {
        let mut order: Vec<usize> = Vec::new();
        let by_value = |a: &usize, b: &usize| points[*a].value.total_cmp(&points[*b].value);
        order.extend(points.len().checked_sub(1));
        order.extend((!points.is_empty()).then_some(0));
        order.extend((0..points.len()).max_by(by_value));
        order.extend((0..points.len()).min_by(by_value));
        if points.len() <= ALL_PRINTED {
            order.extend(0..points.len());
        }
        let mut seen = vec![false; points.len()];
        for index in order {
            if std::mem::replace(&mut seen[index], true) {
                continue;
            }
            let spot = scale.spot(points[index].day, points[index].value);
            let half = width(&points[index].text) / 2.0;
            let x = spot.x.clamp(half, WIDTH - half);
            let (above, below) = (spot.y - 13.0, spot.y + 13.0 + LINE * 0.7);
            for y in if is_dip(points, index) { [below, above] } else { [above, below] } {
                let place = Taken { left: x - half, right: x + half, top: y };
                if (TOP - 14.0..=BOTTOM - 2.0).contains(&y) && !taken.iter().any(|other| other.meets(&place)) {
                    printed.push((Spot { x, y }, points[index].text.clone()));
                    taken.push(place);
                    break;
                }
            }
        }
    }
    printed
}

/// Whether the lines to both sides rise from this point: its value then stands below, out of their way.
fn is_dip(points: &[&Point], index: usize) -> bool {
    let here = points[index].value;
    let higher =
        |other: Option<usize>| other.and_then(|other| points.get(other)).is_none_or(|other| other.value > here);
    points.len() > 1 && higher(index.checked_sub(1)) && higher(Some(index + 1))
}

/// Days printed under the drawing: the newest and the oldest, then those that still fit.
fn axis(scale: &Scale, days_shown: &[Date], lang: Lang) -> Vec<(f64, String)> {
    let years = days_shown.first().zip(days_shown.last()).is_some_and(|(first, last)| first.year() != last.year());
    let write = if years { calendar::axis_month } else { calendar::axis_day };
    let ends = days_shown.last().into_iter().chain(days_shown.first());
    let mut taken: Vec<Taken> = Vec::new();
    let mut printed: Vec<(f64, String)> = Vec::new();
    for day in ends.chain(days_shown.iter()) {
        let text = write(*day, lang);
        let half = width(&text) / 2.0;
        let x = scale.x(*day).clamp(half, WIDTH - half);
        let place = Taken { left: x - half, right: x + half, top: 0.0 };
        if !taken.iter().any(|other| other.meets(&place)) && !printed.iter().any(|(_, other)| *other == text) {
            printed.push((x, text));
            taken.push(place);
        }
    }
    printed
}

/// A number with at most one decimal, as coordinates are written.
fn unit(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), ToOwned::to_owned)
}

/// A number on the scale: no more decimals than it needs.
fn tick_text(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn path(spots: &[Spot]) -> String {
    let steps = spots.iter().enumerate();
    steps
        .map(|(index, spot)| format!("{}{} {}", if index == 0 { "M" } else { "L" }, unit(spot.x), unit(spot.y)))
        .collect()
}

/// A marker: circle, square, triangle, diamond by the series' number.
fn marker(series: usize, spot: Spot) -> Markup {
    let Spot { x, y } = spot;
    let class = format!("m m{}", series % 4);
    match series % 4 {
        0 => html! { circle class=(class) cx=(unit(x)) cy=(unit(y)) r="6" {} },
        1 => html! { rect class=(class) x=(unit(x - 5.5)) y=(unit(y - 5.5)) width="11" height="11" {} },
        2 => html! { path class=(class) d={ "M" (unit(x)) " " (unit(y - 7.0)) "l7 12h-14z" } {} },
        _ => html! { path class=(class) d={ "M" (unit(x)) " " (unit(y - 7.0)) "l7 7l-7 7l-7-7z" } {} },
    }
}

/// The figure: caption, drawing, legend, then `table` with the same numbers (an opening list of the page).
/// Without a drawable point there is only the table.
#[must_use]
pub fn figure(chart: &Chart, lang: Lang, table: &Markup) -> Markup {
    let drawn: Vec<Vec<&Point>> =
        chart.series.iter().map(|line| line.points.iter().filter(|point| point.value.is_finite()).collect()).collect();
    let all: Vec<&Point> = drawn.iter().flatten().copied().collect();
    let Some(scale) = Scale::of(chart, &all) else {
        return html! { (table) };
    };
    html! {
        figure.chart {
            figcaption { (crate::parts::tight(&chart.conclusion)) }
            (drawing(chart, &scale, &drawn, lang))
            (legend(chart, &drawn))
        }
        (table)
    }
}

fn drawing(chart: &Chart, scale: &Scale, drawn: &[Vec<&Point>], lang: Lang) -> Markup {
    let (title, description, hatch) =
        (format!("{}-title", chart.id), format!("{}-desc", chart.id), format!("{}-hatch", chart.id));
    let mut shown: Vec<Date> = drawn.iter().flatten().map(|point| point.day).collect();
    shown.sort_unstable();
    shown.dedup();
    html! {
        svg role="img" aria-labelledby={ (title) " " (description) } viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } {
            title id=(title) { (chart.title) }
            desc id=(description) { (chart.description) }
            @if let Some(band) = &chart.band {
                (hatching(&hatch))
                @let top = band.high.map_or(TOP, |high| scale.y(high));
                @let bottom = band.low.map_or(BOTTOM, |low| scale.y(low));
                rect.band x=(unit(LEFT)) y=(unit(top)) width=(unit(RIGHT - LEFT)) height=(unit((bottom - top).max(2.0)))
                    fill={ "url(#" (hatch) ")" } {}
            }
            @for tick in scale.ticks() {
                path.grid d={ "M" (unit(LEFT)) " " (unit(scale.y(tick))) "H" (unit(RIGHT)) } {}
                text.a x=(unit(LEFT - 8.0)) y=(unit(scale.y(tick) + 6.0)) text-anchor="end" { (tick_text(tick)) }
            }
            @for (x, text) in axis(scale, &shown, lang) {
                text.a x=(unit(x)) y=(unit(BOTTOM + 28.0)) text-anchor="middle" { (text) }
            }
            @for (index, points) in drawn.iter().enumerate() {
                @let spots: Vec<Spot> = points.iter().map(|point| scale.spot(point.day, point.value)).collect();
                @if spots.len() > 1 { path class={ "l l" (index % 4) } d=(path(&spots)) {} }
                @for spot in spots { (marker(index, spot)) }
            }
            @for (spot, text) in labels(scale, drawn) {
                text.v x=(unit(spot.x)) y=(unit(spot.y)) text-anchor="middle" { (text) }
            }
        }
    }
}

fn hatching(id: &str) -> Markup {
    html! {
        defs {
            pattern id=(id) width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                path.hatch d="M0 0V8" {}
            }
        }
    }
}

fn legend(chart: &Chart, drawn: &[Vec<&Point>]) -> Markup {
    let many = drawn.len() > 1;
    html! {
        @if many || chart.band.is_some() {
            ul.legend {
                @if many {
                    @for (index, line) in chart.series.iter().enumerate() {
                        li {
                            svg aria-hidden="true" viewBox="0 0 40 20" {
                                path class={ "l l" (index % 4) } d="M0 10H40" {}
                                (marker(index, Spot { x: 20.0, y: 10.0 }))
                            }
                            (line.name)
                        }
                    }
                }
                @if let Some(band) = &chart.band {
                    li {
                        svg aria-hidden="true" viewBox="0 0 40 20" {
                            path.hatch d="M2 20L14 0M14 20L26 0M26 20L38 0" {}
                            rect.band x="1" y="1" width="38" height="18" fill="none" {}
                        }
                        (band.text)
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn chart(values: &[(Date, f64)]) -> Chart {
        let points =
            values.iter().map(|(day, value)| Point { day: *day, value: *value, text: tick_text(*value) }).collect();
        Chart {
            id: "c".into(),
            conclusion: "結論".into(),
            title: "題".into(),
            description: "説明".into(),
            series: vec![Series { name: "s".into(), points }],
            band: None,
            scale: None,
        }
    }

    fn drawn(chart: &Chart) -> String {
        figure(chart, Lang::Ja, &html! { table {} }).into_string()
    }

    #[test]
    fn no_point_is_no_chart_and_one_point_no_line() {
        assert_eq!(drawn(&chart(&[])), "<table></table>");
        assert_eq!(drawn(&chart(&[(date(2026, 1, 1), f64::NAN)])), "<table></table>");
        let one = drawn(&chart(&[(date(2026, 1, 1), 7.1)]));
        assert_eq!(one.matches("<circle").count(), 1);
        assert!(!one.contains("class=\"l l0\""), "{one}");
        assert!(one.contains(">7.1</text>"), "{one}");
        assert!(one.contains("1月1日"), "{one}");
    }

    #[test]
    fn higher_values_stand_higher_and_later_days_further_right() {
        let shown = chart(&[(date(2026, 1, 1), 60.0), (date(2026, 3, 1), 85.0)]);
        let points: Vec<&Point> = shown.series[0].points.iter().collect();
        let scale = Scale::of(&shown, &points).expect("points");
        let (a, b) = (scale.spot(points[0].day, 60.0), scale.spot(points[1].day, 85.0));
        assert!(a.x < b.x && a.y > b.y);
        assert!(drawn(&shown).contains("class=\"l l0\""));
    }

    #[test]
    fn open_ends_of_a_band_reach_the_edge() {
        let mut shown = chart(&[(date(2026, 1, 1), 5.0)]);
        shown.band = Some(Band { low: None, high: Some(6.0), text: "目安".into() });
        let svg = drawn(&shown);
        assert!(svg.contains("url(#c-hatch)") && svg.contains("目安"), "{svg}");
    }

    #[test]
    fn a_span_over_years_names_the_years() {
        let svg = drawn(&chart(&[(date(2025, 11, 1), 1.0), (date(2026, 11, 1), 2.0)]));
        assert!(svg.contains("2025年11月") && svg.contains("2026年11月"), "{svg}");
    }

    #[test]
    fn steps_are_round() {
        for (range, expected) in [(100.0, 25.0), (2.9, 1.0), (0.04, 0.01), (7.0, 2.0)] {
            let made = step(range, 1.0);
            assert!((made - expected).abs() < 1e-9, "{range}: {made}");
        }
        assert!(step(0.0, 0.0) > 0.0);
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_values_all_stays_in_the_box_and_no_text_overlaps(
            values in proptest::collection::vec((0i32..4000, -1e6f64..1e6), 1..60)
        ) {
            let mut values: Vec<(Date, f64)> = values
                .into_iter()
                .filter_map(|(day, value)| Some((date(2016, 1, 1).checked_add(jiff::Span::new().days(day)).ok()?, value)))
                .collect();
            values.sort_by_key(|(day, _)| *day);
            let shown = chart(&values);
            let points: Vec<&Point> = shown.series[0].points.iter().collect();
            let scale = Scale::of(&shown, &points).ok_or_else(|| proptest::test_runner::TestCaseError::fail("no scale"))?;
            for point in &points {
                let spot = scale.spot(point.day, point.value);
                proptest::prop_assert!((LEFT..=RIGHT).contains(&spot.x) && (TOP..=BOTTOM).contains(&spot.y));
            }
            let texts = labels(&scale, &[points]);
            proptest::prop_assert!(!texts.is_empty());
            for (index, (a, a_text)) in texts.iter().enumerate() {
                for (b, b_text) in &texts[index + 1..] {
                    let apart = (a.x - b.x).abs() >= (width(a_text) + width(b_text)) / 2.0 - 1e-6;
                    proptest::prop_assert!(apart || (a.y - b.y).abs() >= LINE);
                }
            }
            proptest::prop_assert!(scale.ticks().len() >= 2);
        }
    }
}
